//! Generated C libraries of random signatures, and the proof on them: every function called through the cif
//! that libffitypecheck described receives and returns every byte, its true claim is a match, and a claim
//! that changes what C defines is not.

pub mod call;
pub mod calls;
pub mod claim;
pub mod classes;
pub mod emit;
pub mod generate;
pub mod layout;
pub mod mutate;
pub mod prove;
pub mod run;
pub mod shape;
pub mod shrink;
pub mod signature;
pub mod toolchain;
pub mod totals;
pub mod truth;
pub mod typed;
pub mod types;

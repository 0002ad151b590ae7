//! True claims of every export of real libraries, and the verdicts on their mutants.

pub mod copy;
pub mod corpus;
pub mod expected;
pub mod mutate;
mod natural;
pub mod operator;
pub mod oracle;
pub mod page;
pub mod place;
pub mod sample;

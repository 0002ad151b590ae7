//! True claims of every export of real libraries, and the verdicts on their mutants.

pub mod copy;
pub mod corpus;
pub mod expected;

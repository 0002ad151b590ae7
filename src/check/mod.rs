//! Compares the claims of a caller with the declarations of a library.
//!
//! This module contains plain data and rules. It does not depend on libffi or DWARF.

mod call;
mod callback;
mod claim;
mod claimed_types;
mod declaration;
mod direction;
mod draft;
mod finding;
#[cfg(test)]
mod fixture;
mod hint;
mod idiom;
mod memory;
mod options;
mod overlay;
mod path;
mod pointee;
mod record;
mod rules;
mod scalar;
mod segments;
mod side_by_side;
mod signature;
mod unions;
mod value;
mod verdict;
mod verdicts;
mod walk;
mod words;

pub use call::check_call;
pub(crate) use call::check_number_of_arguments;
pub use claim::{CallClaim, Claim, TypeClaim};
pub use claimed_types::{ClaimedTypes, FunctionForm};
pub use declaration::{check_declaration, check_type};
pub use finding::{Finding, Position, Report};
pub use memory::{check_argument, Memory};
pub use options::{Options, Owner, RuleSet};
pub use rules::Rule;
#[cfg(feature = "capi")]
pub(crate) use rules::RULES;
pub use verdict::Verdict;
pub use verdicts::{Judgement, VerdictTable};

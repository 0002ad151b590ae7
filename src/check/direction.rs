//! The two sides of a comparison, and the directions of values and calls.

/// One of the two sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The library, which has the declaration.
    Library,
    /// The caller, which makes the claim.
    Caller,
}

/// The direction of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// It goes to the library.
    Argument,
    /// It comes from the library.
    Result,
}

/// Which side calls a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The caller calls a function of the library.
    Call,
    /// The library calls a function of the caller. The arguments come from the library, and the result goes to it
    /// (row 32).
    Callback,
}

impl Direction {
    /// The role of such a function's arguments.
    pub(super) fn of_arguments(self) -> Role {
        match self {
            Direction::Call => Role::Argument,
            Direction::Callback => Role::Result,
        }
    }

    /// The role of such a function's result.
    pub(super) fn of_result(self) -> Role {
        match self {
            Direction::Call => Role::Result,
            Direction::Callback => Role::Argument,
        }
    }
}

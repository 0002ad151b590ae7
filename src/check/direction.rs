//! Which of the two sides, and which way values go.

/// One of the two sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The library, with what it declares.
    Library,
    /// The caller, with what it claims.
    Caller,
}

/// Whether a value goes to the library or comes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// It goes to the library.
    Argument,
    /// It comes from the library.
    Result,
}

/// Who calls a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// The caller calls a function of the library.
    Call,
    /// The library calls a function of the caller: arguments come from the library, and the result goes to it (row 32).
    Callback,
}

impl Direction {
    /// The role that such a function's arguments have.
    pub(super) fn of_arguments(self) -> Role {
        match self {
            Direction::Call => Role::Argument,
            Direction::Callback => Role::Result,
        }
    }

    /// The role that its result has.
    pub(super) fn of_result(self) -> Role {
        match self {
            Direction::Call => Role::Result,
            Direction::Callback => Role::Argument,
        }
    }
}

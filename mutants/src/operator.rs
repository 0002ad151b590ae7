//! The ways in which a claim may differ from the truth in one point.

use ffitypecheck::check::Verdict;

use Verdict::{Differs, Match, Mismatch, Unverified};

macro_rules! operators {
    ($($variant:ident, $words:literal, $verdicts:expr;)*) => {
        /// One way.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operator { $($variant),* }

        impl Operator {
            pub const ALL: &'static [Operator] = &[$(Operator::$variant),*];

            pub fn words(self) -> &'static str {
                match self { $(Operator::$variant => $words),* }
            }

            /// The verdicts that the page can give it anywhere.
            pub fn verdicts(self) -> &'static [Verdict] {
                match self { $(Operator::$variant => &$verdicts),* }
            }
        }
    };
}

operators! {
    // Calls and callbacks.
    DropParameter, "a parameter dropped", [Match, Differs, Mismatch];
    AddParameter, "a parameter added", [Match, Differs, Mismatch];
    SwapParameters, "two parameters swapped", [Match, Differs, Mismatch];
    ToggleVariadic, "variadic for fixed, or fixed for variadic", [Differs];
    DropResult, "void for a result", [Match, Differs, Mismatch];
    AddResult, "a result for void", [Match, Differs, Mismatch];
    // Scalars.
    Widen, "a wider number", [Differs, Mismatch];
    Narrow, "a narrower number", [Differs, Mismatch];
    ChangeSign, "the other sign", [Match, Differs];
    IntegerToFloat, "floating point for an integer of its size", [Differs, Mismatch];
    FloatToInteger, "an integer for floating point of its size", [Differs, Mismatch];
    PointerToInteger, "an integer for a pointer", [Differs];
    IntegerToPointer, "a pointer for an integer of its size", [Differs];
    PointerToFloat, "a double for a pointer", [Differs, Mismatch];
    EnumerationToInteger, "an integer for an enumeration", [Match];
    SwapBytes, "the other byte order", [Differs, Mismatch];
    // Pointees.
    AddLevel, "one pointer more", [Match, Differs, Mismatch];
    DropLevel, "one pointer less", [Match, Differs, Mismatch];
    ToFunction, "a function for what is pointed to", [Match, Differs];
    FunctionToData, "an object for a function that is pointed to", [Differs];
    ToVoid, "void for what is pointed to", [Match];
    ToByte, "bytes for what is pointed to", [Match, Differs, Mismatch];
    ToOpaque, "an opaque record for a record that is pointed to", [Match];
    OtherRecord, "a pointer to another record", [Match, Differs, Mismatch];
    // Records.
    DropMember, "a member dropped, the others in place", [Match, Differs, Mismatch];
    CloseUp, "a member dropped, the others closed up", [Match, Differs, Mismatch];
    InsertMember, "a member inserted", [Differs, Mismatch];
    AppendMember, "a member appended", [Differs, Mismatch];
    FillPadding, "a number in padding", [Differs, Mismatch];
    FillPaddingWithBytes, "an array of bytes in padding", [Differs, Mismatch];
    SwapNames, "the names of two neighbours swapped", [Match, Differs, Mismatch];
    SwapMembers, "two neighbours swapped", [Match, Differs, Mismatch];
    MoveMember, "another offset of a member", [Match, Differs, Mismatch];
    Grow, "a larger record", [Match, Differs, Mismatch];
    Shrink, "a smaller record", [Match, Differs, Mismatch];
    Pack, "packed for natural", [Match, Differs, Mismatch];
    Unpack, "natural for packed", [Match, Differs, Mismatch];
    RenameMember, "another name of a member", [Match, Differs];
    DropAlternative, "an alternative of a union dropped", [Match];
    BitOffset, "another place of a bit-field", [Mismatch];
    BitWidth, "another width of a bit-field", [Mismatch];
    BitsToInteger, "an integer for a unit of bit-fields", [Match, Differs];
    SplitInteger, "two halves for an integer", [Differs, Mismatch];
    // Arrays.
    Shorter, "a shorter array", [Match, Differs, Mismatch];
    Longer, "a longer array", [Match, Differs, Mismatch];
    Flexible, "a flexible array for one of known length", [Match];
    // Enumerations.
    EnumeratorValue, "another value of a constant", [Differs];
    DropEnumerator, "a constant dropped", [Match];
    // Declarations.
    FunctionToVariable, "a variable for a function", [Mismatch];
    VariableToFunction, "a function for a variable", [Mismatch];
    // Harmless everywhere, or not said.
    Qualify, "a qualifier more", [Match];
    Rename, "a typedef upon it, or another tag", [Match];
    ToAny, "any", [Match, Unverified];
}

//! The compatibility table: one rule per row. This is the reference for the id and the source of each rule.

/// A row of the compatibility table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Fewer arguments than parameters, or more arguments and the function is not variadic.
    ArgumentCount,
    /// The function is only declared, without a prototype: its parameters are not known.
    UnprototypedDeclaration,
    /// A K&R definition: the arguments are compared with the promoted parameter types. No finding has this rule.
    PromotedParameter,
    /// The function is variadic, but the call is prepared as not variadic, or with another number of fixed arguments.
    VariadicPreparedAsFixed,
    /// The function is not variadic, but the call is prepared as variadic.
    FixedPreparedAsVariadic,
    /// A variadic argument of a type that the default argument promotions change.
    UnpromotedVariadicArgument,
    /// Integers of one size, but of different signedness.
    IntegerSignedness,
    /// An argument narrower than the parameter, which has at most the size of int.
    ArgumentNarrowerThanInt,
    /// An argument narrower than the parameter, which is wider than int.
    ArgumentTooNarrow,
    /// An argument wider than the parameter.
    ArgumentWider,
    /// An integer for a floating-point number, a floating-point number of another size, a complex number for a real
    /// one, or the reverse.
    NumberClass,
    /// A pointer for an integer of its size, or the reverse.
    PointerAgainstInteger,
    /// Any pointer for any pointer. Always a match.
    PointerAgainstPointer,
    /// A struct or union of another size, or with another scalar class at an offset.
    RecordBytes,
    /// A struct or union with the same bytes and classes, but another meaning.
    RecordMeaning,
    /// A C++ class that is passed as a pointer to it.
    InvisibleReference,
    /// A type that libffi has no way to pass.
    NotExpressible,
    /// No result is claimed, but the library writes one through a hidden pointer.
    ResultThroughHiddenPointer,
    /// A result is claimed, but the function returns nothing.
    ResultOfVoid,
    /// The caller reads a wider result than the library returns.
    ResultWider,
    /// The caller reads a narrower result than the library returns.
    ResultNarrower,
    /// In all other ways, results are compared as arguments are. No finding has this rule.
    ResultAsArgument,
    /// A pointee that is void, incomplete or opaque on either side. Always a match.
    OpaquePointee,
    /// Bytes on one side, another object on the other.
    PointeeBytes,
    /// A pointee that is a scalar of another size, class or signedness.
    PointeeScalar,
    /// A record behind a parameter is smaller than the library's.
    PointeeTooSmall,
    /// A record behind a result is smaller than the library's.
    PointeePrefix,
    /// A member of a pointee is not at the offset, size or class of a declared one.
    PointeeMember,
    /// Members of a pointee have other names, or have exchanged their names.
    PointeeMemberName,
    /// A bit-field of a pointee with another offset, width or byte order.
    PointeeBitField,
    /// A pointer to a pointer is compared as a pointee again. No finding has this rule.
    NestedPointee,
    /// A callback's signature is compared with the roles of argument and result exchanged. A finding with this rule
    /// says that the library declares no parameters, so the real signature is not known.
    Callback,
    /// A pointer to data for a pointer to a function, or the reverse.
    DataAgainstFunction,
    /// A variable of another size or layout.
    VariableSize,
    /// A function claimed as a variable, or the reverse.
    FunctionAgainstVariable,
    /// Another calling convention than the function's.
    CallingConvention,
    /// One side does not say what it has: a claim that is converted at call time, or a type that cannot be read.
    NotKnown,
    /// A number in the other byte order.
    ByteOrder,
    /// A member that the library has and the claim does not have.
    MissingMember,
    /// A record behind a pointer is larger than the library's.
    PointeeTooLarge,
    /// A constant of an enumeration has another value.
    EnumeratorValue,
    /// An object behind an argument lies, or may lie, at an address that the library's type does not allow.
    PointeeAlignment,
    /// A record behind a pointer has the name of another record of the library.
    PointeeTag,
}

/// Variant, id, reason; in the order of the rows.
pub(crate) const RULES: [(Rule, &str, &str); 43] = [
    (Rule::ArgumentCount, "argument-count", "C17 §6.5.2.2 ¶6 and ¶9: a call with another number of arguments, or as another type, is undefined"),
    (Rule::UnprototypedDeclaration, "unprototyped-declaration", "C17 §6.7.6.3 ¶14: an empty list in a declaration says nothing about the parameters"),
    (Rule::PromotedParameter, "promoted-parameter", "C17 §6.5.2.2 ¶6: without a prototype the default argument promotions are performed"),
    (Rule::VariadicPreparedAsFixed, "variadic-prepared-as-fixed", "C17 §6.5.2.2 ¶6; psABI x86-64 §3.5.7: %al has the number of vector registers, which libffi sets for every call"),
    (Rule::FixedPreparedAsVariadic, "fixed-prepared-as-variadic", "C17 §6.5.2.2 ¶6; psABI x86-64 §3.5.7: a function that is not variadic ignores %al"),
    (Rule::UnpromotedVariadicArgument, "unpromoted-variadic-argument", "C17 §6.5.2.2 ¶7 and §7.16.1.1 ¶2: variadic arguments arrive promoted"),
    (Rule::IntegerSignedness, "integer-signedness", "C17 §6.2.5 ¶9 and §6.2.6.2: the same bits, another value when negative"),
    (Rule::ArgumentNarrowerThanInt, "argument-narrower-than-int", "libffi extends integer arguments to a full register"),
    (Rule::ArgumentTooNarrow, "argument-too-narrow", "psABI x86-64 §3.2.3: the upper half of the register or stack slot is not defined"),
    (Rule::ArgumentWider, "argument-wider", "psABI x86-64 §3.2.3: both fill one register; psABI i386 §2.2.3: a wider one takes two stack slots"),
    (Rule::NumberClass, "number-class", "psABI x86-64 §3.2.3: other classes travel in other registers"),
    (Rule::PointerAgainstInteger, "pointer-against-integer", "C17 §6.3.2.3 ¶5 and ¶6: the conversion is implementation-defined"),
    (Rule::PointerAgainstPointer, "pointer-against-pointer", "psABI x86-64 §3.1.2: all pointers have one representation"),
    (Rule::RecordBytes, "record-bytes", "psABI x86-64 §3.2.3: the class of each eightbyte decides where it travels"),
    (Rule::RecordMeaning, "record-meaning", "C17 §6.2.6.1: the same object representation, read as another type"),
    (Rule::InvisibleReference, "invisible-reference", "Itanium C++ ABI §3.1.2.3: non-trivial classes are passed by invisible reference"),
    (Rule::NotExpressible, "not-expressible", "libffi manual, Types: vectors, wide integers and decimal numbers have no ffi_type"),
    (Rule::ResultThroughHiddenPointer, "result-through-hidden-pointer", "psABI x86-64 §3.2.3, returning of values: classes MEMORY, X87 and COMPLEX_X87"),
    (Rule::ResultOfVoid, "result-of-void", "C17 §6.3.2.2: the value of a void expression does not exist"),
    (Rule::ResultWider, "result-wider", "psABI x86-64 §3.2.3: the upper bits of the result register are not defined"),
    (Rule::ResultNarrower, "result-narrower", "C17 §6.3.1.3: the value is cut"),
    (Rule::ResultAsArgument, "result-as-argument", "C17 §6.2.7 ¶1: compatible types"),
    (Rule::OpaquePointee, "opaque-pointee", "C17 §6.3.2.3 ¶1: void pointers convert to and from any object pointer"),
    (Rule::PointeeBytes, "pointee-bytes", "C17 §6.5 ¶7: character types may access any object"),
    (Rule::PointeeScalar, "pointee-scalar", "C17 §6.5 ¶7: access through another type"),
    (Rule::PointeeTooSmall, "pointee-too-small", "C17 §6.5.6 ¶8: the callee may write past it"),
    (Rule::PointeePrefix, "pointee-prefix", "C17 §6.5 ¶7: only a prefix is read"),
    (Rule::PointeeMember, "pointee-member", "C17 §6.7.2.1 ¶15: members lie in their order"),
    (Rule::PointeeMemberName, "pointee-member-name", "C17 §6.2.7 ¶1: corresponding members have the same name"),
    (Rule::PointeeBitField, "pointee-bit-field", "C17 §6.2.7 ¶1: corresponding bit-fields have the same widths; §6.7.2.1 ¶11: the implementation places them"),
    (Rule::NestedPointee, "nested-pointee", "C17 §6.7.6.1 ¶2: pointed-to types shall be compatible"),
    (Rule::Callback, "callback", "C17 §6.3.2.3 ¶8: a call through an incompatible function type is undefined"),
    (Rule::DataAgainstFunction, "data-against-function", "C17 §J.5.7: the conversion is a common extension only"),
    (Rule::VariableSize, "variable-size", "C17 §6.2.7 ¶2: all declarations of one object have compatible type"),
    (Rule::FunctionAgainstVariable, "function-against-variable", "C17 §6.2.7 ¶2: all declarations of one object or function have compatible type"),
    (Rule::CallingConvention, "calling-convention", "DWARF 5 §3.3.1.1 and §7.15: DW_AT_calling_convention"),
    (Rule::NotKnown, "not-known", "C17 §6.2.7: nothing to compare"),
    (Rule::ByteOrder, "byte-order", "C17 §6.2.6.1: the same bytes, read in another order"),
    (Rule::MissingMember, "missing-member", "C17 §6.2.7 ¶1: one-to-one correspondence between the members"),
    (Rule::PointeeTooLarge, "pointee-too-large", "C17 §6.5.6 ¶8: the caller may read past the library's object"),
    (Rule::EnumeratorValue, "enumerator-value", "C17 §6.2.7 ¶1: corresponding constants have the same values"),
    (Rule::PointeeAlignment, "pointee-alignment", "C17 §6.3.2.3 ¶7: a pointer that is not aligned for the referenced type; psABI x86-64 §3.1.2"),
    (Rule::PointeeTag, "pointee-tag", "C17 §6.2.7 ¶1: structures and unions that are compatible have the same tag"),
];

impl Rule {
    /// Every rule, in the order of the table.
    pub fn all() -> impl Iterator<Item = Rule> {
        RULES.iter().map(|&(rule, _, _)| rule)
    }

    fn row(self) -> (&'static str, &'static str) {
        RULES.get(self as usize).map_or(("", ""), |&(_, id, reason)| (id, reason))
    }

    /// The number of its row, from 1.
    pub fn number(self) -> u32 {
        self as u32 + 1
    }

    /// Its name for programs, such as `argument-too-narrow`. It never changes once released.
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// The source of the rule: the standard or psABI with its section, and what that says.
    pub fn reason(self) -> &'static str {
        self.row().1
    }

    /// The rule with that id.
    pub fn from_id(id: &str) -> Option<Rule> {
        RULES.iter().find(|row| row.1 == id).map(|row| row.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn rows_are_in_order_and_ids_are_their_own() {
        let mut ids = HashSet::new();
        for (index, rule) in Rule::all().enumerate() {
            assert_eq!(rule.number() as usize, index + 1);
            assert!(ids.insert(rule.id()), "{} twice", rule.id());
            assert_eq!(Rule::from_id(rule.id()), Some(rule));
            assert!(rule.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(!rule.reason().is_empty());
        }
        assert_eq!(ids.len(), 43);
        assert_eq!(Rule::from_id("no-such-rule"), None);
    }
}

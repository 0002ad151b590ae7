//! Where the members of a record lie, by the x86-64 psABI (§3.1.2), and the scalars that it is made of.
//! The compiler holds this against its own layout: see the `_Static_assert`s and `lay_*` functions in emit.rs.

use crate::signature::{Library, Record, Scalar, Type};

/// Gives `record` its member offsets, size and alignment.
pub fn lay_out(library: &Library, record: &mut Record) {
    let (union, packed) = (record.union, record.packed);
    let (mut bits, mut end, mut align) = (0u64, 0u64, 1u64);
    for member in &mut record.members {
        if union {
            bits = 0;
        }
        let (size, natural) = library.size_align(member.spelled.ty);
        if let Some(width) = member.width {
            let unit = size * 8;
            if width == 0 || (!packed && bits % unit + width > unit) {
                bits = bits.next_multiple_of(unit);
            }
            if member.name.is_some() && !packed {
                align = align.max(natural);
            }
            member.offset = bits;
            bits += width;
        } else {
            let own = if packed { 1 } else { natural }.max(member.aligned.unwrap_or(1));
            align = align.max(own);
            bits = bits.next_multiple_of(own * 8);
            member.offset = bits;
            bits += size * member.extent.count() * 8;
        }
        end = end.max(bits);
    }
    record.align = align.max(record.aligned.unwrap_or(1));
    record.size = end.div_ceil(8).next_multiple_of(record.align);
}

/// One scalar or bit-field of a type, all records and arrays taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    pub scalar: Scalar,
    /// In bits from the start of the type.
    pub offset: u64,
    /// The width of a bit-field in bits.
    pub width: Option<u64>,
    /// Whether its bits are ever given a name: not for unnamed bit-fields.
    pub named: bool,
}

/// Every scalar of `ty`, in order of declaration; those of a union overlap.
pub fn leaves(library: &Library, ty: Type) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(library, ty, 0, &mut found);
    found
}

fn collect(library: &Library, ty: Type, start: u64, found: &mut Vec<Leaf>) {
    match ty {
        Type::Foreign(_) => {}
        Type::Scalar(scalar) => {
            found.push(Leaf { scalar, offset: start, width: None, named: true });
        }
        Type::Record(number) => {
            for member in &library.records[number].members {
                let offset = start + member.offset;
                match (member.width, member.spelled.ty) {
                    (Some(0), _) => {}
                    (Some(width), Type::Scalar(scalar)) => found.push(Leaf {
                        scalar,
                        offset,
                        width: Some(width),
                        named: member.name.is_some(),
                    }),
                    (_, inner) => {
                        let stride = library.size_align(inner).0 * 8;
                        for index in 0..member.extent.count() {
                            collect(library, inner, offset + index * stride, found);
                        }
                    }
                }
            }
        }
    }
}

/// Whether a record holds a union or a bit-field, at any depth: libffi has neither.
pub fn has_union_or_bits(library: &Library, number: usize) -> bool {
    let record = &library.records[number];
    record.union || record.members.iter().any(|member| {
        member.width.is_some()
            || matches!(member.spelled.ty, Type::Record(inner) if has_union_or_bits(library, inner))
    })
}

/// The bits of `ty` that carry value: not padding, not the upper six bytes of a long double.
pub fn value_mask(library: &Library, ty: Type) -> Vec<u8> {
    let mut mask = vec![0u8; library.size_align(ty).0 as usize];
    for leaf in leaves(library, ty).iter().filter(|leaf| leaf.named) {
        for (first, count) in value_bits(leaf) {
            for bit in first..first + count {
                mask[(bit / 8) as usize] |= 1 << (bit % 8);
            }
        }
    }
    mask
}

fn value_bits(leaf: &Leaf) -> Vec<(u64, u64)> {
    match (leaf.width, leaf.scalar) {
        (Some(width), _) => vec![(leaf.offset, width)],
        (None, Scalar::LongDouble) => vec![(leaf.offset, 80)],
        (None, Scalar::ComplexLongDouble) => vec![(leaf.offset, 80), (leaf.offset + 128, 80)],
        (None, scalar) => vec![(leaf.offset, scalar.size() * 8)],
    }
}

/// Makes `bytes`, which hold a `ty` at random, a value that C can hold and copy without change:
/// no NaN (loading one may quiet it), a long double's integer bit set, a `_Bool` of 0 or 1.
pub fn make_valid(library: &Library, ty: Type, bytes: &mut [u8]) {
    let leaves = leaves(library, ty);
    for leaf in leaves.iter().filter(|leaf| leaf.width.is_none()) {
        let start = (leaf.offset / 8) as usize;
        match leaf.scalar {
            Scalar::Float => bytes[start + 3] &= 0xbf,
            Scalar::Double => bytes[start + 7] &= 0xbf,
            Scalar::ComplexFloat => [3, 7].iter().for_each(|i| bytes[start + i] &= 0xbf),
            Scalar::ComplexDouble => [7, 15].iter().for_each(|i| bytes[start + i] &= 0xbf),
            Scalar::LongDouble => extended(bytes, start),
            Scalar::ComplexLongDouble => [0, 16].iter().for_each(|i| extended(bytes, start + i)),
            Scalar::Bool | Scalar::Integer { .. } | Scalar::Pointer => {}
        }
    }
    for leaf in leaves.iter().filter(|leaf| leaf.width.is_none() && leaf.scalar == Scalar::Bool) {
        bytes[(leaf.offset / 8) as usize] &= 1;
    }
}

fn extended(bytes: &mut [u8], start: usize) {
    bytes[start + 7] |= 0x80;
    bytes[start + 9] = (bytes[start + 9] & 0xbf) | 1;
}

//! The layouts of two records side by side, for people.

use std::fmt::Write;

use crate::abi;
use crate::ctype::{Kind, Member, Name, TypeId, Types};
use crate::spell;

/// The maximum number of members that are shown.
const ROWS: usize = 256;
/// The number of columns for one side's members.
const WIDTH: usize = 40;

/// The offsets, sizes and members of both records. Members that do not lie at the same place are marked with `!`:
///
/// ```text
///     offset  size  library: struct pair (16)                 offset  size  caller: struct pair (8)
///          0     8  long first                             !       0     4  int first
/// ```
///
/// `None` if one of them is not a record.
pub(super) fn layout(declared: (&Types, TypeId), claimed: (&Types, TypeId)) -> Option<Name> {
    let (ours, theirs) = (Column::of(declared)?, Column::of(claimed)?);
    let mut text = String::new();
    let heading = format!("library: {}", ours.heading);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  offset  size  {heading:WIDTH$}   offset  size  caller: {}",
        theirs.heading
    );
    let (mut left, mut right) = (ours.rows.iter().peekable(), theirs.rows.iter().peekable());
    for _ in 0..ROWS {
        let (a, b) = match (left.peek(), right.peek()) {
            (None, None) => return Some(Name::new(text.trim_end())),
            (Some(a), Some(b)) if a.bit == b.bit => (left.next(), right.next()),
            (Some(a), Some(b)) if a.bit < b.bit => (left.next(), None),
            (Some(_), None) => (left.next(), None),
            (_, Some(_)) => (None, right.next()),
        };
        let same = matches!((a, b), (Some(a), Some(b)) if a.size == b.size && a.text == b.text);
        let cell = |row: Option<&Row>| match row {
            Some(row) => format!("{:>8}{:>6}  {:WIDTH$}", row.place, row.size, cut(&row.text)),
            None => " ".repeat(16 + WIDTH),
        };
        let mark = if same { ' ' } else { '!' };
        let _ = writeln!(text, "{}{mark}{}", cell(a), cell(b).trim_end());
    }
    text.push_str("...");
    Some(Name::new(&text))
}

struct Column {
    heading: String,
    rows: Vec<Row>,
}

struct Row {
    bit: u64,
    /// The offset in bytes. For a bit-field also the bit.
    place: String,
    /// In bytes. For a bit-field in bits.
    size: String,
    text: String,
}

impl Column {
    fn of((types, id): (&Types, TypeId)) -> Option<Column> {
        let Kind::Record(record) = &types.resolved(id).kind else { return None };
        let size = abi::size_of(types, id)?;
        let heading = format!("{} ({size} bytes)", spell::type_name(types, id));
        let mut rows: Vec<Row> =
            record.members.iter().take(ROWS + 1).map(|member| Row::of(types, member)).collect();
        rows.sort_by_key(|row| row.bit);
        Some(Column { heading, rows })
    }
}

impl Row {
    fn of(types: &Types, member: &Member) -> Row {
        let name = member.name.as_ref().map_or("", Name::as_str);
        let text = spell::declaration_of(types, member.ty, name);
        match member.bits {
            Some(bits) => Row {
                bit: bits.offset,
                place: format!("{}:{}", bits.offset / 8, bits.offset % 8),
                size: format!(":{}", bits.width),
                text,
            },
            None => Row {
                bit: member.offset.saturating_mul(8),
                place: member.offset.to_string(),
                size: abi::size_of(types, member.ty)
                    .map_or_else(|| "?".to_owned(), |s| s.to_string()),
                text,
            },
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some(_) => text.chars().take(WIDTH - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctype::fixture::{Fixture, AMD64};
    use crate::ctype::{Encoding, RecordClass};

    #[test]
    fn what_differs_is_marked() {
        let f = Fixture::of(AMD64);
        let long = f.base("long", Encoding::Signed, 8);
        let int = f.base("int", Encoding::Signed, 4);
        let ours = f.placed(RecordClass::Struct, 24, &[(0, long), (8, int), (16, long)]);
        let theirs = f.placed(RecordClass::Struct, 16, &[(0, long), (8, int), (12, int)]);
        let text = layout((&f.types, ours), (&f.types, theirs)).unwrap();
        let lines: Vec<&str> = text.as_str().lines().collect();
        let marks: Vec<bool> = lines.iter().map(|line| line.contains('!')).collect();
        assert_eq!(marks, [false, false, false, true, true]);
        assert!(lines[0].contains("library: struct s (24 bytes)"), "{text}");
        assert!(lines[0].contains("caller: struct s (16 bytes)"), "{text}");
        assert!(layout((&f.types, int), (&f.types, ours)).is_none());
    }
}

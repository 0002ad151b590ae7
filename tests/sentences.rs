//! What findings say of two records is true: the members, offsets and sizes of a sentence are looked up in the layouts of both sides, which this
//! file reads for itself. The records are those of real libraries, each held against others of the same library.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use ffitypecheck::abi;
use ffitypecheck::check::{check_type, Finding, Options, Owner, TypeClaim};
use ffitypecheck::ctype::{Kind, TypeId, Types};
use ffitypecheck::identity;
use ffitypecheck::image::{find_library, SearchOptions};
use ffitypecheck::spell;
use ffitypecheck::Library;

const LIBRARIES: [&str; 3] = ["libdb-5.3.so", "libkrb5.so.3", "liblua5.4.so.0"];

/// A member, at whatever depth, of one record: its name, first bit and number of bits; of an array the bits of an element.
struct Member<'t> {
    name: &'t str,
    start: u64,
    bits: u64,
    stride: Option<u64>,
    ty: TypeId,
}

/// All members of a record, those of nested records and of elements included.
fn members<'t>(
    types: &'t Types,
    record: TypeId,
    base: u64,
    depth: usize,
    all: &mut Vec<Member<'t>>,
) {
    let Kind::Record(content) = &types.resolved(record).kind else { return };
    for own in &content.members {
        let name = own.name.as_ref().map_or("", |name| name.as_str());
        let start = base + own.bits.map_or(own.offset * 8, |bits| bits.offset);
        member(types, name, own.ty, (start, own.bits.map(|bits| bits.width)), depth, all);
    }
}

fn member<'t>(
    types: &'t Types,
    name: &'t str,
    ty: TypeId,
    (start, width): (u64, Option<u64>),
    depth: usize,
    all: &mut Vec<Member<'t>>,
) {
    let bits = width.unwrap_or(abi::size_of(types, ty).unwrap_or(0) * 8);
    let mut stride = None;
    if let Kind::Array { element, .. } = &types.resolved(ty).kind {
        let mut element = *element;
        while let Kind::Array { element: inner, .. } = &types.resolved(element).kind {
            element = *inner;
        }
        let size = abi::size_of(types, element).unwrap_or(0) * 8;
        stride = Some(size);
        let nested = !matches!(types.resolved(element).kind, Kind::Base { .. });
        for index in 0..bits.checked_div(size).unwrap_or(0).min(if nested { 64 } else { 0 }) {
            member(types, name, element, (start + index * size, None), depth, all);
        }
    }
    all.push(Member { name, start, bits, stride, ty });
    if depth < 8 {
        members(types, ty, start, depth + 1, all);
    }
}

/// Both sides of what a finding is about: two types at one place.
type Level = (TypeId, TypeId);

/// The pairs that a pointer at this place of two others may lead to; `step` is the path between two arrows.
fn behind((ours, theirs): (&Types, &Types), (d, c): Level, step: &str) -> Vec<Level> {
    let pointee = |types: &Types, id| match types.resolved(id).kind {
        Kind::Pointer { target, .. } => Some(target),
        _ => None,
    };
    if let (Some(one), Some(other)) = (pointee(ours, d), pointee(theirs, c)) {
        return vec![(one, other)];
    }
    let (mut left, mut right) = (Vec::new(), Vec::new());
    members(ours, d, 0, 0, &mut left);
    members(theirs, c, 0, 0, &mut right);
    let last = step.trim().rsplit('.').next().unwrap().trim_end_matches("[]");
    let named =
        |own: &&Member<'_>| last.starts_with("(offset") || own.name == last || last == "pointee";
    let mut found = Vec::new();
    for claimed in right.iter().filter(named) {
        let Some(other) = pointee(theirs, claimed.ty) else { continue };
        for declared in left.iter().filter(|own| own.start == claimed.start) {
            found.extend(pointee(ours, declared.ty).map(|one| (one, other)));
        }
    }
    found
}

/// `'int count' (signed integer, 4 bytes at offset 8)` or `'struct s' (struct, 16 bytes)`: whether the side has it.
fn holds(types: &Types, id: TypeId, text: &str) -> Result<(), String> {
    if text == "nothing there" || text.starts_with("what is not known") {
        return Ok(());
    }
    if let Some(spelled) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        // A function, or another type without a size.
        return if spell::type_name(types, id) == spelled {
            Ok(())
        } else {
            Err("another type".into())
        };
    }
    let (spelled, place) = text.rsplit_once(" (").ok_or("no place")?;
    let spelled = spelled.trim_matches('\'');
    let place = place.trim_end_matches(')');
    let number = |text: &str| text.split(' ').find_map(|word| word.parse::<u64>().ok());
    let Some((_, place)) = place.split_once(", ").or_else(|| place.split_once("elements of "))
    else {
        return Err("neither size nor place".to_owned());
    };
    let mut all = Vec::new();
    members(types, id, 0, 0, &mut all);
    // The name stands in the declarator; an element has none.
    let is_named = |own: &&Member<'_>| {
        own.name.is_empty()
            || own.stride.is_some()
            || spelled
                .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
                .any(|word| word == own.name)
    };
    let here = match (
        place.split_once(" at offset ").or_else(|| place.split_once(" from offset ")),
        place.split_once(" at bit "),
    ) {
        (_, Some((width, bit))) => {
            let (width, bit) =
                (number(width).ok_or("no width")?, bit.parse().map_err(|_| "no bit")?);
            all.iter().filter(is_named).any(|own| own.start == bit && own.bits == width)
        }
        (Some((size, offset)), None) => {
            let size = number(size).ok_or("no size")? * 8;
            let start = offset.parse::<u64>().map_err(|_| "no offset")? * 8;
            let fits = |own: &Member<'_>| match own.stride.filter(|stride| *stride > 0) {
                // What is left of an array, or the elements of an open one.
                Some(stride) => {
                    let inside = start >= own.start && (start - own.start).is_multiple_of(stride);
                    inside && (start + size == own.start + own.bits || size == stride)
                }
                None => own.start == start && own.bits == size,
            };
            all.iter().filter(is_named).any(fits)
        }
        (None, None) => {
            let size = number(place).ok_or("no size")?;
            let array = |id| match types.resolved(id).kind {
                Kind::Array { element, .. } => Some(element),
                _ => None,
            };
            let whole = [Some(id), array(id)].into_iter().flatten();
            let mut known =
                whole.chain(all.iter().map(|own| own.ty)).map(|own| abi::size_of(types, own));
            known.any(|own| own == Some(size))
        }
    };
    if here {
        return Ok(());
    }
    Err("it is not there".to_owned())
}

/// Whether the sentence is true of one pair of types: both sides, and where a note says another member to be.
fn is_true((ours, theirs): (&Types, &Types), (d, c): Level, text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("the library has ").ok_or("another sentence")?;
    let (declared, rest) = rest.split_once(", the caller ").ok_or("no caller")?;
    let (claimed, note) = rest.split_once("; ").unwrap_or((rest, ""));
    holds(ours, d, declared).map_err(|why| format!("the library's: {why}"))?;
    holds(theirs, c, claimed).map_err(|why| format!("the caller's: {why}"))?;
    let elsewhere =
        note.strip_prefix("the library's '").and_then(|note| note.split_once("' is at offset "));
    if let Some((name, offset)) = elsewhere {
        let mut all = Vec::new();
        members(ours, d, 0, 0, &mut all);
        let offset = offset.parse::<u64>().map_err(|_| "no offset in the note")?;
        if !all.iter().any(|own| own.name == name && own.start / 8 == offset) {
            return Err(format!("the library's '{name}' is not at offset {offset}"));
        }
    }
    if note == "the library has padding there" {
        let (_, offset) = claimed.rsplit_once(" at offset ").ok_or("no offset")?;
        let bit = 8 * offset.trim_end_matches(')').parse::<u64>().map_err(|_| "no offset")?;
        let mut all = Vec::new();
        members(ours, d, 0, 0, &mut all);
        let scalar = |own: &&Member<'_>| {
            own.stride.is_none() && !matches!(ours.resolved(own.ty).kind, Kind::Record(_))
        };
        if let Some(own) =
            all.iter().filter(scalar).find(|own| own.start <= bit && bit < own.start + own.bits)
        {
            return Err(format!("the library's '{}' lies there", own.name));
        }
    }
    Ok(())
}

/// Follows the finding's path through both types and holds its sentence against every pair that it may mean.
fn verify(sides: (&Types, &Types), level: Level, finding: &Finding) -> Result<bool, String> {
    let path = finding.path.as_str();
    if path.contains("parameter ") || path.contains("result") || path.starts_with('…') {
        return Ok(false);
    }
    let Some((_, text)) = finding.sentence.as_str().split_once(": the library has ") else {
        return Ok(false);
    };
    let text = format!("the library has {text}");
    let steps: Vec<&str> = path.split('→').collect();
    let mut levels = vec![level];
    for step in &steps[..steps.len() - 1] {
        levels = levels.into_iter().flat_map(|level| behind(sides, level, step)).collect();
        levels.dedup();
        levels.truncate(64);
    }
    let mut why = Err("no pointer leads there".to_owned());
    for level in levels {
        why = is_true(sides, level, &text);
        if why.is_ok() {
            return Ok(true);
        }
    }
    why.map(|()| true).map_err(|why| format!("{why}: {path}: {text}"))
}

/// The complete records that the exports' parameters and results lead to, one for each tag.
fn records(library: &Library) -> (std::sync::Arc<Types>, Vec<TypeId>) {
    let found: Vec<_> = library
        .exports()
        .unwrap()
        .iter()
        .filter_map(|symbol| library.describe_export(symbol).ok())
        .collect();
    let types = found[0].types.clone();
    let mut by_tag = BTreeMap::new();
    for id in identity::reachable(&types, found.iter().map(|declaration| declaration.ty)) {
        let ty = types.get(id);
        if let (Kind::Record(record), Some(name)) = (&ty.kind, &ty.name) {
            if !record.incomplete && !record.members.is_empty() {
                by_tag.entry(name.clone()).or_insert(id);
            }
        }
    }
    (types, by_tag.into_values().collect())
}

#[test]
fn sentences_are_true_of_both_layouts() {
    let mut verified = 0;
    for name in LIBRARIES {
        let options = SearchOptions::default();
        let library = Library::open(&find_library(name).unwrap(), &options).unwrap();
        let (types, records) = records(&library);
        let mut wrong = Vec::new();
        for (index, declared) in records.iter().enumerate() {
            // Neighbours by name are often versions of each other.
            for (distance, owner) in [(1, Owner::Caller), (2, Owner::Library), (7, Owner::Caller)] {
                let claimed = records[(index + distance) % records.len()];
                {
                    let options = Options { owner, ..Options::default() };
                    let claim = TypeClaim { types: &types, ty: claimed };
                    let report = check_type(&types, *declared, claim, &options);
                    for finding in report.findings() {
                        match verify((&types, &types), (*declared, claimed), finding) {
                            Ok(done) => verified += usize::from(done),
                            Err(why) => wrong.push(format!("{}: {why}", finding.sentence)),
                        }
                    }
                }
            }
        }
        let count = wrong.len();
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{name}: {count} sentences are not true\n{}", wrong.join("\n"));
    }
    assert!(verified > 5_000, "{verified} sentences");
}

/// The lookup finds fault with sentences that are not true.
#[test]
fn a_wrong_sentence_is_found() {
    let library =
        Library::open(&find_library("liblua5.4.so.0").unwrap(), &SearchOptions::default()).unwrap();
    let found = library.describe_type("struct lua_Debug").unwrap();
    let (types, id) = (&*found[0].types, found[0].ty);
    let side = (types, types);
    let right = "the library has 'int event' (signed integer, 4 bytes at offset 0), the caller 'const char *name' (pointer, 8 bytes at offset 8)";
    assert_eq!(is_true(side, (id, id), right), Ok(()));
    for (from, to) in [
        ("offset 0", "offset 4"),
        ("4 bytes", "8 bytes"),
        ("int event", "int name"),
        ("offset 8", "offset 9"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right);
        assert!(is_true(side, (id, id), &wrong).is_err(), "{wrong}");
    }
    let moved = format!("{right}; the library's 'name' is at offset 8");
    assert_eq!(is_true(side, (id, id), &moved), Ok(()));
    assert!(is_true(side, (id, id), &moved.replace("is at offset 8", "is at offset 0")).is_err());
}

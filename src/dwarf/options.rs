//! Compiler options that change how functions are called and that DWARF does not describe otherwise. GCC records its
//! command line in DW_AT_producer.

use super::functions::is_cxx;
use super::{DwarfFile, Opened};

/// The options that a unit was compiled with. clang records none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CompilerOptions {
    /// `-mlong-double-128`: `long double` is an IEEE binary128.
    pub long_double_128: bool,
    /// `-mabi=ms`: all functions follow Windows' convention.
    pub ms_abi: bool,
    /// `-fpcc-struct-return`: records are returned in memory, whatever their size.
    pub returns_in_memory: bool,
    /// `-gstrict-dwarf` before DWARF 5: GCC leaves out the alignment of a record, and which member functions of a
    /// class are defaulted.
    pub leaves_out: bool,
    /// C++ from clang before DWARF 5: with `-gstrict-dwarf`, which clang does not record, it leaves out how a class
    /// is passed.
    pub silent_classes: bool,
}

impl CompilerOptions {
    fn of(producer: &[u8], version: u16, cxx: bool) -> CompilerOptions {
        let mut options = CompilerOptions::default();
        if !producer.starts_with(b"GNU ") {
            let clang = producer.windows(6).any(|window| window == b"clang ");
            options.silent_classes = clang && cxx && version < 5;
            return options;
        }
        for word in producer.split(|byte| *byte == b' ') {
            match word {
                b"-mlong-double-128" => options.long_double_128 = true,
                b"-mlong-double-64" | b"-mlong-double-80" => options.long_double_128 = false,
                b"-mabi=ms" => options.ms_abi = true,
                b"-mabi=sysv" => options.ms_abi = false,
                b"-fpcc-struct-return" => options.returns_in_memory = true,
                b"-freg-struct-return" => options.returns_in_memory = false,
                b"-gstrict-dwarf" => options.leaves_out = version < 5,
                b"-gno-strict-dwarf" => options.leaves_out = false,
                _ => {}
            }
        }
        options
    }
}

/// The options that the unit of a DIE was compiled with. Empty for slim type information: the options were taken
/// into account when it was made.
pub(super) fn options_of(dwarf: &DwarfFile, opened: &Opened<'_>) -> CompilerOptions {
    let unit = opened.unit;
    let read = || match dwarf.slim.is_none().then(|| opened.space.producer(&unit.unit)).flatten() {
        Some(producer) => {
            let cxx = unit.root.language.is_some_and(is_cxx);
            CompilerOptions::of(&producer, unit.unit.encoding().version, cxx)
        }
        None => CompilerOptions::default(),
    };
    *unit.options.get_or_init(read)
}

/// Whether the unit is from GCC, which records its options, and was compiled with a level of `-g` that writes types.
/// Such a unit may still lack all attributes of types: in C++ `void f()` has neither a type nor a prototype flag.
pub(super) fn keeps_types(producer: &[u8]) -> bool {
    let levels: [&[u8]; 8] =
        [b"-g", b"-g1", b"-g2", b"-g3", b"-ggdb", b"-ggdb1", b"-ggdb2", b"-ggdb3"];
    let last = producer.split(|byte| *byte == b' ').rfind(|word| levels.contains(word));
    producer.starts_with(b"GNU ") && last.is_some_and(|level| !level.ends_with(b"1"))
}

/// Whether DIEs with one of these abbreviations can have attributes that describe types. Compilers number
/// abbreviations from 1 on.
pub(super) fn has_types(table: &gimli::Abbreviations) -> bool {
    let types = |attribute: &gimli::AttributeSpecification| {
        matches!(
            attribute.name(),
            gimli::DW_AT_type | gimli::DW_AT_prototyped | gimli::DW_AT_signature
        )
    };
    let all = (1..).map_while(|code| table.get(code));
    all.into_iter().any(|abbreviation| abbreviation.attributes().iter().any(types))
}

//! The sections of the files of a library one after the other, so that what changes them changes no ELF headers.
//!
//! A number of 4 bytes for each section comes first: how long it is, and in the highest bit whether it is compressed. The
//! contents follow, and behind them the target's options.

/// Where sections belong: the first is no section, but the library's symbols.
pub const SECTIONS: [&str; 17] = [
    "symbols",
    ".debug_info",
    ".debug_abbrev",
    ".debug_str",
    ".debug_line_str",
    ".debug_str_offsets",
    ".debug_addr",
    ".debug_aranges",
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_line",
    ".debug_types",
    ".debug_info.dwo",
    ".debug_types.dwo",
    ".debug_abbrev.dwo",
    ".debug_str.dwo",
    ".debug_str_offsets.dwo",
];

/// The split units' file.
pub const DWO: &str = "split.dwo";

/// In a length: the section is compressed.
pub const COMPRESSED: u32 = 1 << 31;

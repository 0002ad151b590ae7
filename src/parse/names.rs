//! The types of the system's headers that every text may use: those that the ABI of Linux fixes.

use crate::check::ClaimedTypes;
use crate::ctype::machine::{I386, PPC64, RISCV, X86_64};
use crate::ctype::{RecordClass, Target, TypeId};
use crate::error::Result;

/// What a predefined name stands for, as C text. Empty: [`va_list`].
pub(super) fn predefined(name: &str) -> Option<&'static str> {
    let is_64_bit = Target::HOST.pointer_size == 8;
    let is_x86 = matches!(Target::HOST.machine, I386 | X86_64);
    let is_unsigned_wide = cfg!(any(target_arch = "arm", target_arch = "aarch64"));
    let (long_64, unsigned_64) =
        if is_64_bit { ("long", "unsigned long") } else { ("long long", "unsigned long long") };
    let (word, unsigned_word) =
        if is_64_bit { ("long", "unsigned long") } else { ("int", "unsigned int") };
    Some(match name {
        "bool" => "_Bool",
        // <stddef.h>
        "size_t" => unsigned_word,
        "ssize_t" | "ptrdiff_t" => word,
        "wchar_t" if is_unsigned_wide => "unsigned int",
        "wchar_t" if is_x86 => "int",
        // <stdint.h>, without int_fast16_t and int_fast32_t, which glibc and musl define differently.
        "int8_t" | "int_least8_t" | "int_fast8_t" => "signed char",
        "uint8_t" | "uint_least8_t" | "uint_fast8_t" | "u_int8_t" => "unsigned char",
        "int16_t" | "int_least16_t" => "short",
        "uint16_t" | "uint_least16_t" | "u_int16_t" => "unsigned short",
        "int32_t" | "int_least32_t" => "int",
        "uint32_t" | "uint_least32_t" | "u_int32_t" => "unsigned int",
        "int64_t" | "int_least64_t" | "int_fast64_t" | "intmax_t" => long_64,
        "uint64_t" | "uint_least64_t" | "uint_fast64_t" | "u_int64_t" | "uintmax_t" => unsigned_64,
        "intptr_t" => word,
        "uintptr_t" => unsigned_word,
        // <uchar.h>, <wchar.h>, <wctype.h>
        "char8_t" => "unsigned char",
        "char16_t" => "unsigned short",
        "char32_t" | "wint_t" => "unsigned int",
        // <sys/types.h> and <sys/socket.h>
        "u_char" => "unsigned char",
        "u_short" | "ushort" | "sa_family_t" | "in_port_t" => "unsigned short",
        "u_int" | "uint" | "in_addr_t" => "unsigned int",
        "u_long" | "ulong" => "unsigned long",
        "pid_t" | "key_t" | "clockid_t" => "int",
        "uid_t" | "gid_t" | "id_t" | "mode_t" | "useconds_t" | "socklen_t" => "unsigned int",
        "timer_t" => "void *",
        "caddr_t" => "char *",
        "loff_t" | "off64_t" => long_64,
        // On 32-bit machines these depend on _FILE_OFFSET_BITS and _TIME_BITS.
        "off_t" | "time_t" | "clock_t" | "suseconds_t" | "blkcnt_t" if is_64_bit => "long",
        "dev_t" | "ino_t" | "rlim_t" | "fsblkcnt_t" | "fsfilcnt_t" if is_64_bit => "unsigned long",
        "nlink_t" if Target::HOST.machine == X86_64 => "unsigned long",
        "blksize_t" if Target::HOST.machine == X86_64 => "long",
        // <stdio.h>
        "FILE" => "struct _IO_FILE",
        // The compilers' own.
        "__int128_t" if is_64_bit => "__int128",
        "__uint128_t" if is_64_bit => "unsigned __int128",
        // <stdarg.h>: psABI x86-64 §3.5.7; a pointer in the other ABIs that are known here.
        "va_list" | "__gnuc_va_list" => "__builtin_va_list",
        "__builtin_va_list" => match Target::HOST.machine {
            X86_64 => "",
            I386 | PPC64 => "char *",
            RISCV => "void *",
            _ => return None,
        },
        _ => return None,
    })
}

/// The `va_list` of x86-64: an array of one record (psABI §3.5.7). Its tag is the compiler's, and no text can name it.
pub(super) fn va_list(claimed: &mut ClaimedTypes) -> Result<TypeId> {
    let unsigned = claimed.base_named("unsigned int")?;
    let pointer = claimed.pointer(TypeId::VOID)?;
    let record = claimed.record(RecordClass::Struct, Some("__va_list_tag".into()))?;
    claimed.member(record, Some("gp_offset".into()), unsigned, 0)?;
    claimed.member(record, Some("fp_offset".into()), unsigned, 4)?;
    claimed.member(record, Some("overflow_arg_area".into()), pointer, 8)?;
    claimed.member(record, Some("reg_save_area".into()), pointer, 16)?;
    claimed.complete(record, 24, None)?;
    claimed.array(record, Some(1))
}

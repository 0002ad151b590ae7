//! The machine that types are laid out for.

use super::machine;

/// The machine that the types are laid out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// ELF `e_machine`: 62 for x86-64, 183 for AArch64.
    pub machine: u16,
    /// The size of a pointer in bytes: 4 or 8.
    pub pointer_size: u8,
    /// Whether the least significant byte comes first.
    pub little_endian: bool,
}

impl Target {
    /// The machine that this library was compiled for.
    pub const HOST: Target = Target {
        machine: if cfg!(target_arch = "x86_64") {
            machine::X86_64
        } else if cfg!(target_arch = "x86") {
            machine::I386
        } else if cfg!(target_arch = "aarch64") {
            machine::AARCH64
        } else if cfg!(target_arch = "arm") {
            machine::ARM
        } else if cfg!(target_arch = "s390x") {
            machine::S390
        } else if cfg!(target_arch = "powerpc64") {
            machine::PPC64
        } else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
            machine::RISCV
        } else {
            0
        },
        pointer_size: size_of::<usize>() as u8,
        little_endian: cfg!(target_endian = "little"),
    };
}

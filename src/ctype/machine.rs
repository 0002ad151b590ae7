//! The ELF numbers (`e_machine`) of the machines that have rules here.

pub(crate) const I386: u16 = 3;
pub(crate) const PPC: u16 = 20;
pub(crate) const PPC64: u16 = 21;
/// s390 and s390x.
pub(crate) const S390: u16 = 22;
pub(crate) const ARM: u16 = 40;
pub(crate) const X86_64: u16 = 62;
pub(crate) const AARCH64: u16 = 183;
pub(crate) const RISCV: u16 = 243;

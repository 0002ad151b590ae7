"""A filter is made, exported, loaded, and takes effect."""

import errno
import os
import tempfile

import pyseccomp as seccomp

filter_ = seccomp.SyscallFilter(seccomp.ALLOW)
filter_.add_rule(seccomp.ERRNO(errno.EPERM), "mkdir")
filter_.add_rule(seccomp.ERRNO(errno.EACCES), "write", seccomp.Arg(0, seccomp.EQ, 77))
filter_.add_rule_exactly(seccomp.ERRNO(errno.EPERM), "mkdirat", seccomp.Arg(2, seccomp.MASKED_EQ, 0o777, 0o777))
filter_.set_attr(seccomp.Attr.CTL_NNP, 1)
filter_.syscall_priority("write", 100)
print(filter_.get_attr(seccomp.Attr.CTL_NNP), filter_.exist_arch(seccomp.Arch.NATIVE), seccomp.resolve_syscall(seccomp.Arch.X86_64, "read"),
      seccomp.resolve_syscall(seccomp.Arch.X86_64, 1), seccomp.system_arch() == seccomp.Arch.X86_64)
for export in (filter_.export_pfc, filter_.export_bpf):
    with tempfile.TemporaryFile() as file:
        export(file)
        print(file.seek(0, 2))
filter_.load()
try:
    os.mkdir("/tmp/not-allowed")
except PermissionError as error:
    print(error.errno == errno.EPERM)

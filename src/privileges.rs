//! Whether the process may trust its environment.

/// Whether the process runs with more rights than the user who started it (`AT_SECURE`: setuid, setgid, capabilities),
/// so that the environment must not be trusted.
pub fn is_setuid_process() -> bool {
    // SAFETY: getauxval only reads the auxiliary vector that the kernel gave the process.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_process_may_read_its_environment() {
        assert!(!is_setuid_process());
    }
}

//! A server of a test's own, to be stopped, killed and started late: nobody else's is ever touched.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::port::free_port;

/// One server of `scripts/stack` in a directory of its own; it ends with this value.
pub(crate) struct Own {
    dir: tempfile::TempDir,
    part: &'static str,
    pub(crate) port: u16,
}

impl Own {
    pub(crate) fn new(part: &'static str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // PostgreSQL runs as a user of its own where tests run as root.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir, part, port: free_port() }
    }

    /// Runs `scripts/stack up` or `down` for it.
    pub(crate) fn stack(&self, word: &str) {
        let done = self.told(word);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{word} {}: {said}", self.part);
    }

    fn told(&self, word: &str) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/stack");
        let mut command = Command::new(script);
        command.args([word, self.part]).env("PAYCTL_STACK_DIR", self.dir.path()).env("PAYCTL_STACK_BROKERS", "1");
        command.env("PAYCTL_STACK_KAFKA_PORT", self.port.to_string()).env("PAYCTL_STACK_PG_PORT", self.port.to_string());
        command.output().unwrap()
    }

    /// Kills the broker as a power cut would.
    pub(crate) fn kill_broker(&self) {
        let pid = std::fs::read_to_string(self.dir.path().join("kafka-1/pid")).unwrap();
        assert!(Command::new("kill").args(["-9", pid.trim()]).status().unwrap().success());
    }

    /// Restarts PostgreSQL without a shutdown: every connection is cut, and it recovers from its log.
    pub(crate) fn restart_postgres(&self) {
        let data = self.dir.path().join("postgres/data");
        let script = "bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1); cd /; \
                      set -- \"${bin:+$bin/}pg_ctl\" -D \"$DATA\" -w -m immediate -l \"$DATA/../log\" restart; \
                      if [ \"$(id -u)\" = 0 ]; then exec runuser -u postgres -- \"$@\"; else exec \"$@\"; fi";
        let done = Command::new("sh").args(["-c", script]).env("DATA", &data).output().unwrap();
        assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A test that failed has already said why.
        let _ = self.told("down");
    }
}

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A person at a console with a directory of their own: nothing of the machine's environment reaches `payctl`.
pub(crate) struct Env {
    home: TempDir,
}

/// What a command printed and how it ended.
#[must_use]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Env {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// `payctl` with these words, ready to be changed further and run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_payctl"));
        command.args(words).env_clear().env("HOME", self.home()).current_dir(self.home());
        command
    }

    /// Runs `payctl` with these words to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        Ended::of(self.command(words).output().unwrap())
    }
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

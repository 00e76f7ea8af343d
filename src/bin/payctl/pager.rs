use std::io::Write as _;
use std::process::{Command, Stdio};

use tokio::signal::unix::{SignalKind, signal};

/// Shows `text` through `command`, a program and its arguments; `false` where it cannot be started.
///
/// Returns when it ends. Whoever leaves it early has read enough.
pub(crate) fn page(command: &str, text: &str) -> bool {
    let mut words = command.split_whitespace();
    let Some(program) = words.next() else { return false };
    let Ok(mut child) = Command::new(program).args(words).stdin(Stdio::piped()).spawn() else { return false };
    // Ctrl-C is for the pager as long as it holds the terminal: one that outlives payctl would share it with the shell.
    let _interrupted = tokio::runtime::Handle::try_current().ok().map(|_| signal(SignalKind::interrupt()));
    if let Some(mut pipe) = child.stdin.take() {
        let _ = pipe.write_all(text.as_bytes());
    }
    child.wait().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_that_is_not_there_is_not_waited_for() {
        assert!(!page("no-such-pager-anywhere -x", "text"));
        assert!(!page("  ", "text"));
    }

    #[test]
    fn a_pager_that_ends_before_the_text_is_no_failure() {
        assert!(page("true", &"line\n".repeat(100_000)));
    }
}

use std::io;

use payctl::config::ConfigError;

use crate::exit::Exit;

/// Why a command did not do what it was asked to: one line, which ends with the next command to try.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Shown to the person.
    Shown(Shown),
    /// Whoever read the output has gone; there is nobody to tell.
    ClosedPipe,
}

/// What is shown of a failure.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) exit: Exit,
    /// Each is one line: lower case, without a full stop.
    pub(crate) messages: Vec<String>,
    /// The next command to try.
    pub(crate) next: String,
}

impl Failure {
    /// A failure that exits with `exit`; `next` is the command to try.
    pub(crate) fn new(exit: Exit, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Shown(Shown { exit, messages: vec![message.into()], next: next.into() })
    }

    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message, next)
    }

    /// Something needed does not answer.
    pub(crate) fn unreachable(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Exit::Unreachable, message, next)
    }

    /// What it says, in one line.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Shown(shown) => shown.messages.join("; "),
            Self::ClosedPipe => "whoever read the output has gone".to_owned(),
        }
    }

    /// Refused, not found, or an error inside.
    pub(crate) fn failed(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message, next)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Shown(Shown { exit: Exit::Usage, messages: error.problems().to_vec(), next: "payctl config keys".to_owned() })
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ClosedPipe;
        }
        Self::failed(format!("cannot write the output: {error}"), "payctl --help")
    }
}

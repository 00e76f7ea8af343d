use std::process::ExitCode;

/// THE table of exit codes. Where several hold: 130, then 3, then 5; 4 only when nothing could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Ok,
    Failed,
    Usage,
    Finding,
    Unreachable,
    Partial,
    Interrupted,
}

impl Exit {
    pub(crate) const ALL: [Self; 7] =
        [Self::Ok, Self::Failed, Self::Usage, Self::Finding, Self::Unreachable, Self::Partial, Self::Interrupted];

    /// What the shell sees.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Finding => 3,
            Self::Unreachable => 4,
            Self::Partial => 5,
            Self::Interrupted => 130,
        }
    }

    /// What it means, for `--help`.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Failed => "failed: refused, not found, or an error inside",
            Self::Usage => "the command line or the configuration is wrong",
            Self::Finding => "done, and a check, threshold or invariant is broken",
            Self::Unreachable => "something needed is unreachable or refuses access",
            Self::Partial => "a part of the result is missing",
            Self::Interrupted => "interrupted",
        }
    }

    /// The section of `--help`.
    pub(crate) fn help() -> String {
        let lines = Self::ALL.map(|exit| format!("  {:>3}  {}", exit.number(), exit.about()));
        format!("Exit codes:\n{}", lines.join("\n"))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

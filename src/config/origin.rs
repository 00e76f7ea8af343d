use std::fmt;
use std::path::PathBuf;

/// What one setting came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key in `payctl.toml`.
    pub key: &'static str,
    /// The value, a secret redacted; `None` where nothing is set.
    pub value_shown: Option<String>,
    /// Who set it.
    pub origin: Origin,
}

/// Who set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The variable of this name.
    Environment(String),
    /// The flag of this name.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "{name} (environment)"),
            Self::Flag(name) => write!(f, "{name} (flag)"),
        }
    }
}

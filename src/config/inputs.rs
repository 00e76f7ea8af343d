use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::Profile;

/// Where a configuration comes from, before it is merged.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The process environment.
    pub env: BTreeMap<String, OsString>,
    /// The file that is read where neither a flag nor `PAYCTL_CONFIG` names one; it need not exist.
    pub file: Option<PathBuf>,
    /// The user's directory for data, the default place of the platform's own.
    pub data_home: Option<PathBuf>,
    /// What the command line says.
    pub flags: Flags,
    /// The profile where nothing names one.
    pub default_profile: Profile,
    /// What the configuration is for.
    pub purpose: Purpose,
}

/// What the command line says; a flag that was not given is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--profile`
    pub profile: Option<OsString>,
    /// `--data-dir`
    pub data_dir: Option<OsString>,
    /// `--port-offset`
    pub port_offset: Option<OsString>,
    /// `--no-color`
    pub no_color: bool,
    /// `--read-only`
    pub read_only: bool,
    /// `--timeout`
    pub timeout: Option<OsString>,
}

/// What a configuration is for: a platform needs its secrets, a question about one does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Running services.
    Platform,
    /// Asking or changing something from the console.
    Console,
}

impl Flags {
    /// The value of the flag of this name.
    pub(super) fn get(&self, flag: &str) -> Option<OsString> {
        match flag {
            "--profile" => self.profile.clone(),
            "--data-dir" => self.data_dir.clone(),
            "--port-offset" => self.port_offset.clone(),
            "--no-color" => self.no_color.then(|| "true".into()),
            "--read-only" => self.read_only.then(|| "true".into()),
            "--timeout" => self.timeout.clone(),
            _ => None,
        }
    }
}

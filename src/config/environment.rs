use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::name::{self, CONFIG_VARIABLE, FAIL_VARIABLE, FILE_SUFFIX, PREFIX, STACK_PREFIX};
use super::setting::{SETTINGS, Spec};
use super::{Flags, Inputs, Profile, Purpose};

const DEFAULT_FILE: &str = "payctl.toml";
/// No secret is longer; a wrong path may name anything.
const MAX_SECRET_FILE_BYTES: u64 = 64 * 1024;

impl Inputs {
    /// What surrounds this process: its environment, `payctl.toml` in its directory, the user's directory for data.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_process(flags: Flags, default_profile: Profile, purpose: Purpose) -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self {
            env: variables.collect(),
            file: Some(PathBuf::from(DEFAULT_FILE)),
            data_home: dirs::data_dir(),
            flags,
            default_profile,
            purpose,
        }
    }

    /// Whether colour is unwanted, for what is printed before the configuration is known.
    pub fn no_color(&self) -> bool {
        self.flags.no_color || self.variable("NO_COLOR").is_some()
    }

    /// A variable that is set to something; an empty one counts as not set, as container files often leave them.
    pub(super) fn variable(&self, name: &str) -> Option<&OsString> {
        self.env.get(name).filter(|value| !value.is_empty())
    }

    /// The file that is to be read, and the name under which a message may call it.
    pub(super) fn chosen_file(&self) -> Option<(PathBuf, Option<&'static str>)> {
        if let Some(path) = &self.flags.config {
            return Some((path.clone(), Some("--config")));
        }
        if let Some(path) = self.variable(CONFIG_VARIABLE) {
            return Some((PathBuf::from(path), Some(CONFIG_VARIABLE)));
        }
        self.file.clone().filter(|path| path.exists()).map(|path| (path, None))
    }
}

/// What arms a fail point of this process; nothing in a release build, nor in production.
#[expect(clippy::disallowed_methods, reason = "no setting: it exists in development builds only")]
pub fn fail_point(profile: Profile) -> Option<String> {
    let may_fail = cfg!(debug_assertions) && profile == Profile::Development;
    if may_fail { std::env::var(FAIL_VARIABLE).ok().filter(|text| !text.is_empty()) } else { None }
}

/// A setting's value in the environment.
pub(super) struct Variable {
    /// The variable that it came from: the setting's own, or the one that names a file.
    pub(super) name: String,
    pub(super) text: String,
}

/// Reads `spec` from the environment: its variable, or for a secret the file that `NAME_FILE` names.
pub(super) fn read(inputs: &Inputs, spec: &Spec) -> Result<Option<Variable>, String> {
    let direct = inputs.variable(spec.env);
    let by_file = format!("{}{FILE_SUFFIX}", spec.env);
    let file = inputs.variable(&by_file).filter(|_| spec.is_secret());
    match (direct, file) {
        (Some(_), Some(_)) => Err(format!("{} and {by_file} (environment) are both set; unset one of them", spec.env)),
        (Some(value), None) => {
            let text = value.to_str().ok_or_else(|| format!("{} (environment) is not UTF-8; set it to plain text", spec.env))?;
            Ok(Some(Variable { name: spec.env.to_owned(), text: text.to_owned() }))
        }
        (None, Some(path)) => {
            let text = read_secret(Path::new(path)).map_err(|reason| {
                format!("{by_file}={} (environment) cannot be read: {reason}; name a file that holds the secret", path.display())
            })?;
            Ok(Some(Variable { name: by_file, text }))
        }
        (None, None) => Ok(None),
    }
}

fn read_secret(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_SECRET_FILE_BYTES {
        return Err("it is too large for a secret".to_owned());
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Refuses variables with our prefix that name nothing: they are misspelt, or meant for another version.
pub(super) fn unknown(env: &BTreeMap<String, OsString>) -> Vec<String> {
    let known: Vec<String> = name::variables();
    let is_strange = |name: &&String| name.starts_with(PREFIX) && !name.starts_with(STACK_PREFIX) && !known.contains(name);
    let ours = env.keys().filter(is_strange);
    ours.map(|name| {
        let meant = super::name::nearest(name, known.iter().map(String::as_str));
        let way_out = meant.map_or_else(|| "unset it".to_owned(), |meant| format!("did you mean {meant}?"));
        format!("{name} (environment) is no setting of payctl; {way_out}")
    })
    .collect()
}

/// The first setting whose variable is `name`.
pub(super) fn spec_of(name: &str) -> Option<&'static Spec> {
    SETTINGS.iter().find(|spec| spec.env == name)
}

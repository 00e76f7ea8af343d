use std::path::{Path, PathBuf};

use super::environment;
use super::file::{self, FileValues};
use super::origin::{Origin, Setting};
use super::setting::{Fallback, Kind, SETTINGS, Spec};
use super::{Config, ConfigError, Inputs, Profile, Purpose, check, nearest};

/// What stands in for a secret.
const REDACTED: &str = "[redacted]";
/// The setting that chooses others.
const PROFILE: &str = "profile";

/// A merged and checked configuration, and where it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Every setting in the order of the table, with its value as it may be shown.
    pub origins: Vec<Setting>,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Settings that were given and change nothing, one line each.
    pub warnings: Vec<String>,
    /// Every profile that can be chosen.
    pub profiles: Vec<KnownProfile>,
}

/// A profile that `--profile` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownProfile {
    /// Its name.
    pub name: String,
    /// How careful it is.
    pub kind: Profile,
    /// Whether it is the one in force.
    pub is_active: bool,
    /// The settings that the file gives it.
    pub settings: Vec<String>,
}

/// A setting's text and who gave it.
struct Given {
    text: String,
    origin: Origin,
}

/// Merges defaults, file, environment and flags, and checks the result; every problem is reported at once.
pub fn load(inputs: &Inputs) -> Result<Loaded, ConfigError> {
    let chosen = inputs.chosen_file();
    let mut values = match &chosen {
        Some((path, named_by)) => file::read(path).map_err(|problem| ConfigError::one(name_source(problem, *named_by)))?,
        None => FileValues::default(),
    };
    let path = chosen.map(|(path, _)| path);
    let mut problems = values.problems.clone();
    problems.extend(environment::unknown(&inputs.env));

    let active = active(inputs, &values, path.as_deref());
    values.choose(&active);
    let mut config = Config::development(PathBuf::new());
    let mut origins = Vec::with_capacity(SETTINGS.len());
    for spec in SETTINGS {
        match setting(inputs, spec, &values, path.as_deref(), &mut config) {
            Ok(setting) => origins.push(setting),
            Err(problem) => problems.push(problem),
        }
    }
    ConfigError::unless_empty(problems)?;
    ConfigError::unless_empty(check::whole(&config, &origins, inputs.purpose))?;
    let warnings = check::without_effect(inputs, &config, &origins);
    let profiles = known(&values, &active);
    Ok(Loaded { config, origins, file: path, warnings, profiles })
}

/// The name of the chosen profile, which may still be an unknown one; what cannot be read is told with the other settings.
fn active(inputs: &Inputs, values: &FileValues, file: Option<&Path>) -> String {
    let spec = SETTINGS.iter().find(|spec| spec.key == PROFILE);
    let chosen = spec.and_then(|spec| given(inputs, spec, values, file).ok().flatten());
    chosen.map_or_else(String::new, |given| given.text)
}

fn known(values: &FileValues, active: &str) -> Vec<KnownProfile> {
    let profile = |name: &str| KnownProfile {
        name: name.to_owned(),
        kind: values.kind_of(name).unwrap_or(Profile::Production),
        is_active: name == active,
        settings: values.profiles.get(name).map(|profile| profile.values.keys().cloned().collect()).unwrap_or_default(),
    };
    values.profile_names().into_iter().map(profile).collect()
}

/// What the platform is told of a profile: its kind.
fn kind_of(values: &FileValues, name: &str) -> Result<&'static str, String> {
    values.kind_of(name).map(Profile::as_str).ok_or_else(|| {
        let names = values.profile_names();
        let meant = nearest(name, names.iter().copied()).map_or_else(String::new, |meant| format!("did you mean {meant}? "));
        format!("{meant}the profiles are {}", names.join(", "))
    })
}

fn name_source(problem: String, named_by: Option<&str>) -> String {
    match named_by {
        Some(name) => format!("{problem} ({name})"),
        None => problem,
    }
}

/// Settles one setting: the strongest source that names it, its check, its place in `config`.
fn setting(inputs: &Inputs, spec: &Spec, values: &FileValues, file: Option<&Path>, config: &mut Config) -> Result<Setting, String> {
    let Some(given) = given(inputs, spec, values, file)? else {
        return Ok(Setting { key: spec.key, value_shown: None, origin: Origin::Default });
    };
    let text = if spec.key == PROFILE { kind_of(values, &given.text) } else { Ok(given.text.as_str()) };
    text.and_then(|text| (spec.set)(config, text)).map_err(|expected| refusal(spec, &given, &expected))?;
    let shown = if spec.is_secret() { REDACTED.to_owned() } else { given.text };
    Ok(Setting { key: spec.key, value_shown: Some(shown), origin: given.origin })
}

fn given(inputs: &Inputs, spec: &Spec, values: &FileValues, file: Option<&Path>) -> Result<Option<Given>, String> {
    if let Some((flag, value)) = spec.flag.and_then(|flag| Some((flag, inputs.flags.get(flag)?))) {
        let text = value.to_str().ok_or_else(|| format!("{flag} is not UTF-8; give it plain text"))?.to_owned();
        return Ok(Some(Given { text, origin: Origin::Flag(flag) }));
    }
    if let Some(variable) = environment::read(inputs, spec)? {
        let text = if spec.kind == Kind::Presence { "true".to_owned() } else { variable.text };
        return Ok(Some(Given { text, origin: Origin::Environment(variable.name) }));
    }
    if let (Some(text), Some(file)) = (values.values.get(spec.key), file) {
        let text = if spec.kind == Kind::Path { beside(file, text) } else { text.clone() };
        return Ok(Some(Given { text, origin: Origin::File(file.to_owned()) }));
    }
    Ok(fallback(inputs, spec)?.map(|text| Given { text, origin: Origin::Default }))
}

/// A path in the file is relative to the file, wherever the command runs.
fn beside(file: &Path, text: &str) -> String {
    file.parent().unwrap_or(Path::new("")).join(text).display().to_string()
}

fn fallback(inputs: &Inputs, spec: &Spec) -> Result<Option<String>, String> {
    match (spec.default, spec.key) {
        (Fallback::Text(text), _) => Ok(Some(text.to_owned())),
        (Fallback::Unset(_), _) => Ok(None),
        (Fallback::Found(_), PROFILE) => Ok(Some(inputs.default_profile.as_str().to_owned())),
        (Fallback::Found(_), "pager") => {
            let pager = inputs.variable("PAGER").and_then(|pager| pager.to_str());
            Ok(Some(pager.unwrap_or("less -FRX").to_owned()))
        }
        (Fallback::Found(_), "data_dir") => {
            let home = inputs.data_home.as_ref().and_then(|home| home.to_str().map(str::to_owned));
            let home = home.ok_or("no directory for data is known for this user; set PAYCTL_DATA_DIR, or give --data-dir")?;
            Ok(Some(Path::new(&home).join("payctl").display().to_string()))
        }
        (Fallback::Found(_), _) => Ok(Some(if inputs.purpose == Purpose::Platform { "info" } else { "warn" }.to_owned())),
    }
}

/// `PORT=abc (environment): a port is a number from 1 to 65535; correct or unset PORT`.
fn refusal(spec: &Spec, given: &Given, expected: &str) -> String {
    let value = if spec.is_secret() { String::new() } else { format!("={}", given.text.escape_debug()) };
    match &given.origin {
        Origin::Default => format!("{}{value} (default): {expected}; set {}", spec.key, spec.env),
        Origin::File(path) => format!("{}{value} ({}): {expected}; correct it there", spec.key, path.display()),
        Origin::Environment(name) if spec.is_secret() => format!("{name} (environment): {expected}; correct or unset it"),
        Origin::Environment(name) => format!("{name}{value} (environment): {expected}; correct or unset {name}"),
        Origin::Flag(name) => format!("{name}{value} (flag): {expected}; correct the flag"),
    }
}

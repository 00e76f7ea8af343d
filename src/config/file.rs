use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::Profile;
use super::environment::spec_of;
use super::name::nearest;
use super::setting::{SETTINGS, Spec};

/// The values of a configuration file by their dotted keys, as text.
#[derive(Debug, Default)]
pub(super) struct FileValues {
    pub(super) values: BTreeMap<String, String>,
    /// What stands under `[profiles.NAME]`.
    pub(super) profiles: BTreeMap<String, FileProfile>,
    pub(super) problems: Vec<String>,
}

/// One `[profiles.NAME]`: settings that win over those of the file's top while the profile is chosen.
#[derive(Debug, Default)]
pub(super) struct FileProfile {
    /// Whether it is as careful as production or as handy as development; careful where nothing says so.
    pub(super) kind: Option<String>,
    pub(super) values: BTreeMap<String, String>,
}

/// Holds the profiles of the file.
const PROFILES: &str = "profiles";
const KIND: &str = "kind";

/// Reads the file at `path`. It may hold secrets, so no message repeats what stands in it.
pub(super) fn read(path: &Path) -> Result<FileValues, String> {
    let shown = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}; name another file, or create it"))?;
    let mut table = text.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count().saturating_add(1);
        format!("{shown} is not valid TOML at line {line}: {}; correct it there", one_line(error.message()))
    })?;
    let mut found = FileValues::default();
    let named = table.remove(PROFILES);
    let shown = shown.to_string();
    flatten(&table, "", &shown, &mut found);
    match named {
        Some(Value::Table(named)) => named.into_iter().for_each(|(name, value)| profile(name, value, &shown, &mut found)),
        Some(_) => {
            found.problems.push(format!("{PROFILES} ({shown}): tables are expected, such as [{PROFILES}.staging]; correct it there"));
        }
        None => {}
    }
    Ok(found)
}

/// Reads one profile; what is wrong in it names the profile.
fn profile(name: String, value: Value, file: &str, found: &mut FileValues) {
    let place = format!("{file} [{PROFILES}.{name}]");
    let Value::Table(mut table) = value else {
        found.problems.push(format!("{PROFILES}.{name} ({file}): a table is expected; correct it there"));
        return;
    };
    let kind = table.remove(KIND);
    let kind_text = kind.as_ref().and_then(Value::as_str).map(str::to_owned);
    if kind.is_some() && Profile::parse(kind_text.as_deref().unwrap_or_default()).is_none() {
        found.problems.push(format!("{KIND} ({place}): development or production is expected; correct it there"));
    }
    if Profile::parse(&name).is_some_and(|own| kind_text.as_ref().is_some_and(|kind| kind != own.as_str())) {
        found.problems.push(format!("{KIND} ({place}): {name} is a kind of its own; remove it"));
    }
    if table.remove("profile").is_some() {
        found.problems.push(format!("profile ({place}): a profile does not choose another; its {KIND} is development or production"));
    }
    let mut inner = FileValues::default();
    flatten(&table, "", &place, &mut inner);
    found.problems.extend(inner.problems);
    found.profiles.insert(name, FileProfile { kind: kind_text, values: inner.values });
}

impl FileValues {
    /// Has the settings of the profile of this name win over the others of the file.
    pub(super) fn choose(&mut self, name: &str) {
        if let Some(chosen) = self.profiles.get(name) {
            self.values.extend(chosen.values.clone());
        }
    }

    /// How careful the profile of this name is; `None` where there is none.
    pub(super) fn kind_of(&self, name: &str) -> Option<Profile> {
        let careful = |found: &FileProfile| found.kind.as_deref().and_then(Profile::parse).unwrap_or(Profile::Production);
        Profile::parse(name).or_else(|| self.profiles.get(name).map(careful))
    }

    /// Every profile that there is.
    pub(super) fn profile_names(&self) -> Vec<&str> {
        let own = Profile::ALL.map(Profile::as_str);
        own.into_iter().chain(self.profiles.keys().map(String::as_str).filter(|name| Profile::parse(name).is_none())).collect()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flatten(table: &Table, section: &str, file: &str, found: &mut FileValues) {
    for (name, value) in table {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        let is_setting = SETTINGS.iter().any(|spec| spec.key == key);
        match value {
            Value::Table(inner) if !is_setting && section.is_empty() && SETTINGS.iter().any(|spec| spec.section() == key) => {
                flatten(inner, &key, file, found);
            }
            Value::Table(_) if !is_setting && section.is_empty() => {
                let meant = nearest(&key, SETTINGS.iter().map(Spec::section).filter(|section| !section.is_empty()));
                found.problems.push(unknown(&format!("[{key}]"), file, meant.map(|meant| format!("[{meant}]"))));
            }
            _ if !is_setting => found.problems.push(unknown_key(&key, file)),
            _ => match plain(value) {
                Some(text) => {
                    found.values.insert(key, text);
                }
                None => found.problems.push(format!("{key} ({file}): a text, a whole number, true or false is expected; correct it there")),
            },
        }
    }
}

fn unknown_key(key: &str, file: &str) -> String {
    let meant = spec_of(key).map(|spec| spec.key).or_else(|| nearest(key, SETTINGS.iter().map(|spec| spec.key)));
    unknown(key, file, meant.map(str::to_owned))
}

fn unknown(name: &str, file: &str, meant: Option<String>) -> String {
    let way_out = meant.map_or_else(|| "remove it".to_owned(), |meant| format!("did you mean {meant}?"));
    format!("{name} ({file}) is no setting of payctl; {way_out}")
}

/// A value as the text that the environment would hold; several texts are separated by commas there.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

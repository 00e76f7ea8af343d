use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::environment::spec_of;
use super::name::nearest;
use super::setting::{SETTINGS, Spec};

/// The values of a configuration file by their dotted keys, as text.
#[derive(Debug, Default)]
pub(super) struct FileValues {
    pub(super) values: BTreeMap<String, String>,
    pub(super) problems: Vec<String>,
}

/// Reads the file at `path`. It may hold secrets, so no message repeats what stands in it.
pub(super) fn read(path: &Path) -> Result<FileValues, String> {
    let shown = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}; name another file, or create it"))?;
    let table = text.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count().saturating_add(1);
        format!("{shown} is not valid TOML at line {line}: {}; correct it there", one_line(error.message()))
    })?;
    let mut found = FileValues::default();
    flatten(&table, "", &shown.to_string(), &mut found);
    Ok(found)
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

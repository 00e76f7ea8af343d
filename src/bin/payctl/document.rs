use std::collections::BTreeMap;

use payctl::ops::{Report, Table};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::Failure;
use crate::format::Format;

/// The version of every document that the console prints.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a, T> {
    schema_version: u32,
    #[serde(flatten)]
    data: &'a T,
}

impl<'a, T> Document<'a, T> {
    const fn of(data: &'a T) -> Self {
        Self { schema_version: SCHEMA_VERSION, data }
    }
}

/// One JSON document over several lines.
pub(crate) fn json(data: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(&Document::of(data)).map_err(unserializable)?;
    text.push('\n');
    Ok(text)
}

/// JSON documents, one a line.
pub(crate) fn json_lines(data: &[impl Serialize]) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    for data in data {
        serde_json::to_writer(&mut bytes, &Document::of(data)).map_err(unserializable)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// What each JSON document begins with, for whoever writes its fields behind that.
pub(crate) fn json_beginning() -> String {
    format!("{{\"schema_version\":{SCHEMA_VERSION}")
}

/// The rows of a report's lists, one a line; the whole report on one line where it has no list.
pub(crate) fn rows<R: Report>(report: &R) -> Result<Vec<u8>, Failure> {
    if R::LISTS.is_empty() {
        return json_lines(std::slice::from_ref(report));
    }
    // Rows are passed on as they were written: their fields keep their order, and numbers their digits.
    let whole = serde_json::to_string(report).map_err(unserializable)?;
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&whole).map_err(unserializable)?;
    let mut text = String::new();
    for list in R::LISTS {
        let Some(rows) = fields.remove(*list) else { continue };
        for row in serde_json::from_str::<Vec<&RawValue>>(rows.get()).map_err(unserializable)? {
            text.push_str(&versioned(row.get()));
        }
    }
    Ok(text.into_bytes())
}

/// An object with its version in front, or whatever else beside it.
fn versioned(row: &str) -> String {
    match row.strip_prefix('{') {
        Some("}") => format!("{}}}\n", json_beginning()),
        Some(fields) => format!("{},{fields}\n", json_beginning()),
        None => format!("{{\"schema_version\":{SCHEMA_VERSION},\"row\":{row}}}\n"),
    }
}

/// One YAML document, which begins with its mark.
pub(crate) fn yaml(data: &impl Serialize) -> Result<String, Failure> {
    let text = serde_yaml_ng::to_string(&Document::of(data)).map_err(|error| failed("YAML", &error))?;
    Ok(format!("---\n{text}"))
}

/// The rows of `table` as RFC 4180 has them, with their names above them where `with_names` says so. What a table shows as a
/// dash is empty here: nothing is known of it.
pub(crate) fn csv(table: &Table, with_names: bool) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_names {
        writer.write_record(table.columns.iter().map(|column| column.header)).map_err(|error| failed("CSV", &error))?;
    }
    for row in &table.rows {
        let cells = row.iter().map(|cell| if cell == "-" { "" } else { cell.as_str() });
        writer.write_record(cells).map_err(|error| failed("CSV", &error))?;
    }
    writer.into_inner().map_err(|error| failed("CSV", error.error()))
}

/// The words for other commands, one a line.
pub(crate) fn names<R: Report>(report: &R) -> String {
    report.names().into_iter().map(|name| name + "\n").collect()
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err hands over")]
fn unserializable(error: serde_json::Error) -> Failure {
    failed("JSON", &error)
}

fn failed(what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("the answer cannot be shown as {what}: {error}"), format!("the same with -o {}", Format::Table.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Lag {
        groups: Vec<Group>,
        foreign: Vec<Group>,
        at: &'static str,
    }

    #[derive(Serialize)]
    struct Group {
        z: i128,
        a: Option<&'static str>,
    }

    impl Report for Lag {
        const LISTS: &'static [&'static str] = &["groups", "foreign"];

        fn tables(&self) -> Vec<Table> {
            let mut table = Table::new(&[">Z", "A"]);
            for group in &self.groups {
                table.push([group.z.to_string(), group.a.unwrap_or("-").to_owned()]);
            }
            vec![table]
        }
    }

    fn lag() -> Lag {
        let group = |z, a| Group { z, a };
        Lag {
            groups: vec![group(i128::from(u64::MAX) + 1, None), group(2, Some("x, \"y\"\nno"))],
            foreign: vec![group(3, None)],
            at: "now",
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_documents_start_with_their_version() {
        #[derive(Serialize)]
        struct One {
            lag: u32,
        }
        assert_eq!(json(&One { lag: 3 }).unwrap(), "{\n  \"schema_version\": 1,\n  \"lag\": 3\n}\n");
        assert_eq!(text(json_lines(&[One { lag: 3 }]).unwrap()), "{\"schema_version\":1,\"lag\":3}\n");
    }

    #[test]
    fn each_row_of_the_lists_is_a_line_with_its_fields_in_their_order() {
        let lines = text(rows(&lag()).unwrap());
        let expected = [
            r#"{"schema_version":1,"z":18446744073709551616,"a":null}"#,
            r#"{"schema_version":1,"z":2,"a":"x, \"y\"\nno"}"#,
            r#"{"schema_version":1,"z":3,"a":null}"#,
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_list_is_one_line() {
        #[derive(Serialize)]
        struct One {
            lag: u32,
        }
        impl Report for One {
            fn tables(&self) -> Vec<Table> {
                Vec::new()
            }
        }
        assert_eq!(text(rows(&One { lag: 3 }).unwrap()), "{\"schema_version\":1,\"lag\":3}\n");
        assert_eq!((versioned("{}").as_str(), versioned("7").as_str()), ("{\"schema_version\":1}\n", "{\"schema_version\":1,\"row\":7}\n"));
    }

    #[test]
    fn yaml_says_what_json_says() {
        let mut lag = lag();
        let text = yaml(&lag).unwrap();
        assert!(text.starts_with("---\nschema_version: 1\ngroups:\n- z: 18446744073709551616\n  a: null\n"), "{text}");
        // The reader of these tests has no number that is as large.
        lag.groups.remove(0);
        let read: serde_yaml_ng::Value = serde_yaml_ng::from_str(&yaml(&lag).unwrap()).unwrap();
        assert_eq!((read["groups"][0]["a"].as_str(), read["foreign"][0]["z"].as_i64()), (Some("x, \"y\"\nno"), Some(3)));
        assert!(read["foreign"][0]["a"].is_null());
    }

    #[test]
    fn csv_quotes_what_needs_it_and_leaves_the_unknown_empty() {
        let table = lag().tables().remove(0);
        assert_eq!(text(csv(&table, true).unwrap()), "Z,A\n18446744073709551616,\n2,\"x, \"\"y\"\"\nno\"\n");
        assert!(text(csv(&table, false).unwrap()).starts_with("184"));
    }
}

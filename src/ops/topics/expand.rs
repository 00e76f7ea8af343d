use std::fmt::Write as _;

use crate::domain::Timestamp;

use super::TailRecord;
use super::headers::Headers;

impl TailRecord {
    /// The record over several lines: where it lies, its headers, and what it says, masked as ever.
    pub fn expanded(&self, today: Timestamp) -> String {
        let cells = self.cells(today);
        let mut text = format!("{} {}/{}@{}", cells.first().map_or("-", String::as_str), self.topic, self.partition, self.offset);
        let _ = write!(text, " {}", self.event_type.as_deref().unwrap_or("-"));
        let mut told = |name: &str, value: &str| {
            let _ = write!(text, "\n  {name}: {value}");
        };
        told("key", &self.key);
        for (name, value) in self.headers.iter().flat_map(Headers::shown) {
            told(&format!("header {name}"), &value);
        }
        told("summary", &self.summary);
        if let Some(undecodable) = &self.undecodable {
            told("undecodable", &format!("{} ({}): {}", undecodable.code, undecodable.reason, undecodable.preview));
        }
        if let Some(payload) = &self.payload {
            let pretty = serde_json::to_string_pretty(payload).unwrap_or_default();
            for line in pretty.lines() {
                text.push_str("\n  ");
                text.push_str(line);
            }
        }
        text.push('\n');
        text
    }
}

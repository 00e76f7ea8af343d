use crate::domain::Timestamp;
use crate::ops::{Report, Table};

use super::Shown;

impl Report for Shown {
    const NAMES: Option<&'static str> = Some("ids of dead letters");

    fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        if let Some(cause) = &self.cause {
            tables.extend(cause.tables().into_iter().map(|table| Table { notes: Vec::new(), ..table }));
            let mut table = Table::new(&["A REPLAY FINDS", ">ENTRIES"]);
            for tally in &self.verdicts {
                table.push([tally.name.to_owned(), tally.count.to_string()]);
            }
            tables.push(table);
        }
        tables.extend([self.letter_table(), self.preflight_table()]);
        if let Some(value) = &self.value {
            let mut table = titled("VALUE");
            for (name, value) in value.fields() {
                row(&mut table, &name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            tables.push(table);
        }
        let mut headers = titled("HEADERS");
        for (name, value) in &self.headers {
            row(&mut headers, name, value.clone());
        }
        tables.push(headers);
        let mut history = Table::new(&["AT", "WHAT", "DETAIL"]);
        for deed in &self.history {
            history.push([time(deed.at), deed.what.clone(), deed.detail.clone()]);
        }
        tables.push(history);
        tables
    }

    fn names(&self) -> Vec<String> {
        vec![self.letter.id.to_string()]
    }
}

impl Shown {
    fn letter_table(&self) -> Table {
        let letter = &self.letter;
        let mut table = titled(&letter.id.to_string());
        row(&mut table, "state", letter.state.clone());
        row(&mut table, "cause", letter.cause.clone());
        row(&mut table, "error", format!("{}: {}", letter.error_code, letter.error_message));
        row(&mut table, "attempts", letter.attempts.to_string());
        row(&mut table, "failed", format!("first {}, last {}", time(letter.first_failed_at), time(letter.last_failed_at)));
        let event = letter.event_id.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        row(&mut table, "event", format!("{} {event}", letter.event_type.as_deref().unwrap_or("of an unknown type")));
        if let (Some(aggregate), Some(version)) = (&letter.aggregate_id, letter.version) {
            row(&mut table, "aggregate", format!("{aggregate} version {version}"));
        }
        if let Some(money) = letter.money {
            row(&mut table, "money", money.to_string());
        }
        if let Some(reason) = &letter.reason {
            row(&mut table, "discarded", format!("by {}: {reason}", letter.disposed_by.as_deref().unwrap_or("somebody")));
        }
        if let Some(told) = &self.told {
            let from = told.topic.as_deref().unwrap_or("an unknown topic");
            row(&mut table, "headers of", format!("{}: from {from}, {}", told.family, told.message.as_deref().unwrap_or("no message")));
        }
        row(&mut table, "in the log", self.tail.clone());
        if let Some(trace) = &self.trace {
            row(&mut table, "its story", trace.clone());
        }
        table
    }

    fn preflight_table(&self) -> Table {
        let found = &self.preflight;
        let mut table = titled("A REPLAY NOW");
        row(&mut table, "verdict", format!("{}: {}", found.verdict.as_str(), found.why));
        row(&mut table, "reads", if found.decodes { "yes, by this version" } else { "no" }.to_owned());
        if let Some(preview) = &self.preview {
            row(&mut table, "first bytes", preview.clone());
        }
        row(&mut table, "effect", found.effect.clone().unwrap_or_else(|| "none yet".to_owned()));
        if let Some(version) = found.applied_version {
            row(&mut table, "applied", format!("up to version {version} of its aggregate"));
        }
        row(&mut table, "newer events", found.newer_events.to_string());
        row(&mut table, "reaches", format!("{} only", found.reaches));
        row(&mut table, "replayed", format!("{} times", found.replayed));
        let held: Vec<String> = found.held.iter().map(ToString::to_string).collect();
        row(&mut table, "held behind it", format!("{} {}", found.held_behind, held.join(" ")).trim_end().to_owned());
        table
    }
}

fn titled(title: &str) -> Table {
    Table { title: title.to_owned(), ..Table::new(&["", ""]) }
}

fn row(table: &mut Table, name: &str, value: String) {
    table.push([name.to_owned(), value]);
}

fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

use crate::domain::format_timestamp;
use crate::ops::span::clock;
use crate::ops::topics::Masked;
use crate::ops::{Amount, Report, Table};

use super::{EventDetail, OnLog};

impl Report for EventDetail {
    const NAMES: Option<&'static str> = Some("event ids");

    fn tables(&self) -> Vec<Table> {
        vec![self.fields(), self.payload(), self.applications()]
    }

    fn names(&self) -> Vec<String> {
        self.record.event_id.iter().map(ToString::to_string).collect()
    }
}

impl EventDetail {
    fn fields(&self) -> Table {
        let record = &self.record;
        let money = record.amount.zip(record.currency).map(|(amount, currency)| Amount { amount, currency });
        let mut table = Table::new(&["EVENT", ""]);
        let rows = [
            ("event_id", record.event_id.map(|id| id.to_string())),
            ("type", record.event_type.clone()),
            ("aggregate", record.aggregate_id.clone()),
            ("version", record.aggregate_version.map(|version| version.to_string())),
            ("payment_no", record.payment_no.clone()),
            ("amount", money.map(|money| money.to_string())),
            ("stored_at", record.time.map(format_timestamp)),
            ("producer", self.producer.clone()),
            ("trace_id", record.trace_id.clone()),
            ("correlation_id", self.correlation_id.clone()),
            ("caused_by", self.causation_id.clone()),
            ("unreadable", record.undecodable.as_ref().map(|why| format!("{}: {}", why.code, why.reason))),
            ("bytes", Some(if self.is_intact { "as they were made" } else { "NOT as they were made: the hash differs" }.to_owned())),
            ("outbox", self.outbox_since.map(|since| format!("waits since {}", clock(since, self.at)))),
            ("log", Some(self.log.words())),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                table.push([name.to_owned(), value]);
            }
        }
        table
    }

    fn payload(&self) -> Table {
        let mut table = Table::new(&["SAYS", ""]);
        for (name, value) in self.record.payload.iter().flat_map(Masked::fields) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            table.push([name, text]);
        }
        table
    }

    fn applications(&self) -> Table {
        let mut table = Table::new(&["GROUP", "STATE", "AT", ">TRIES", "DEAD-LETTER"]);
        let dash = || "-".to_owned();
        for application in &self.groups {
            table.push([
                application.group.to_owned(),
                application.state.clone(),
                application.at.map_or_else(dash, |at| clock(at, self.at)),
                application.attempts.map_or_else(dash, |attempts| attempts.to_string()),
                application.letter.as_ref().map_or_else(dash, ToString::to_string),
            ]);
        }
        if let Some(letter) = self.letter() {
            table.notes.push(format!("look at it: payctl dlq show {letter}"));
        }
        table.notes.push("-- from the event store; addresses masked, free text left out".to_owned());
        table
    }
}

impl OnLog {
    fn words(&self) -> String {
        match self {
            Self::Unplaced => "not there yet, or its place is not known".to_owned(),
            Self::Same { place } => place.clone(),
            Self::Confirmed { place } => format!("{place}, the same bytes"),
            Self::Differs { place } => format!("{place}, where the log has OTHER bytes"),
            Self::Gone { place } => format!("{place}, from where retention has taken it"),
            Self::Unknown { place, reason } => format!("{place} by the database; not confirmed: {reason}"),
        }
    }
}

use crate::domain::Timestamp;
use crate::ops::OpsError;

use super::{TailQuery, TailRecord};

/// A record that was looked at.
pub(super) struct Seen {
    pub(super) offset: i64,
    pub(super) time: Option<Timestamp>,
    /// The record, where it is wanted.
    pub(super) line: Option<Found>,
}

/// A record that is wanted, until its turn comes.
pub(super) struct Found {
    pub(super) time: Option<Timestamp>,
    pub(super) offset: i64,
    pub(super) is_undecodable: bool,
    pub(super) form: Form,
}

/// What is kept of it.
pub(super) enum Form {
    Record(Box<TailRecord>),
    /// A line of so many bytes, in the text that goes along.
    Line {
        bytes: usize,
    },
}

impl Found {
    pub(super) fn record(record: TailRecord) -> Self {
        let (time, offset, is_undecodable) = (record.time, record.offset, record.undecodable.is_some());
        Self { time, offset, is_undecodable, form: Form::Record(Box::new(record)) }
    }
}

/// Appends a record as a line of JSON that begins with `begin`.
pub(super) fn write_line(record: &TailRecord, begin: &str, line: &mut Vec<u8>) -> Result<(), OpsError> {
    line.extend_from_slice(begin.as_bytes());
    let at = line.len();
    serde_json::to_writer(&mut *line, record).map_err(|error| OpsError::Refused(format!("a record cannot be written down: {error}")))?;
    // Its own beginning goes on what is there already.
    if let Some(first) = line.get_mut(at) {
        *first = b',';
    }
    line.push(b'\n');
    Ok(())
}

impl Seen {
    /// The same, written down behind the text where lines are wanted.
    pub(super) fn written(mut self, query: &TailQuery, text: &mut Vec<u8>) -> Result<Self, OpsError> {
        if let (Some(found), Some(begin)) = (&mut self.line, &query.lines)
            && let Form::Record(record) = &found.form
        {
            let before = text.len();
            write_line(record, begin, text)?;
            found.form = Form::Line { bytes: text.len().saturating_sub(before) };
        }
        Ok(self)
    }
}

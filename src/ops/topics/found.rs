use bytes::Bytes;

use crate::domain::Timestamp;
use crate::log::LogError;
use crate::ops::OpsError;

use super::{TailRecord, WriteRecord};

/// A record that was looked at.
pub(super) struct Seen {
    pub(super) offset: i64,
    pub(super) time: Option<Timestamp>,
    /// The record, where it is wanted.
    pub(super) line: Option<Found>,
}

/// What a record of ours comes to when it is written down, about.
const USUAL_BYTES: usize = 1536;

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
    Written(Bytes),
}

impl Found {
    pub(super) fn record(record: TailRecord) -> Self {
        let (time, offset, is_undecodable) = (record.time, record.offset, record.undecodable.is_some());
        Self { time, offset, is_undecodable, form: Form::Record(Box::new(record)) }
    }
}

/// Writes down what of these is wanted, all into one piece of memory.
pub(super) fn write_all(page: impl Iterator<Item = Seen>, write: WriteRecord) -> Result<Vec<Seen>, OpsError> {
    let mut text = Vec::with_capacity(page.size_hint().0.saturating_mul(USUAL_BYTES));
    let mut ends = Vec::new();
    let mut written = Vec::new();
    for mut seen in page {
        if let Some(found) = &mut seen.line
            && let Form::Record(record) = &found.form
        {
            write(record, &mut text).map_err(|error| LogError::Broker(format!("a record cannot be written down: {error}")))?;
            // Nothing of the record is needed any more; its place in the text is known at the end.
            found.form = Form::Written(Bytes::new());
            ends.push(text.len());
        }
        written.push(seen);
    }
    let mut text = Bytes::from(text);
    let mut begin = 0;
    let mut ends = ends.into_iter();
    for found in written.iter_mut().filter_map(|seen| seen.line.as_mut()) {
        let Some(end) = ends.next() else { break };
        found.form = Form::Written(text.split_to(end.saturating_sub(begin)));
        begin = end;
    }
    Ok(written)
}

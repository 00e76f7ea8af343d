use memchr::memmem;

use crate::domain::parse_timestamp;
use crate::event::{Record, Topic, TopicPartition};
use crate::log::Bounds;
use crate::ops::{DeadLetter, OpsError, Reader, dead_letter};

use super::found::{Form, Found, Seen};
use super::headers::Headers;
use super::plain_line::PlainLine;
use super::{TailQuery, TailRecord};

/// A partition to read from: of the log, or of a dead-letter topic, which is a view of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub(super) at: TopicPartition,
    pub(super) bounds: Bounds,
    /// Where following goes on.
    pub(super) position: i64,
}

impl Source {
    /// The partitions of a topic that are wanted, with their bounds as they are now.
    pub(super) async fn of(reader: &Reader, topic: Topic, query: &TailQuery) -> Result<Vec<Self>, OpsError> {
        let partitions = topic.all_partitions().filter(|at| query.partition.is_none_or(|wanted| at.partition == wanted));
        let mut sources = Vec::new();
        let bounds = if topic.is_dead_letter() { None } else { Some(reader.bounds(topic).await?) };
        for at in partitions {
            let bounds = match &bounds {
                Some(bounds) => bounds.get(&at.partition).copied().unwrap_or(Bounds { start: 1, end: 1 }),
                None => dead_letter_bounds(reader).await?,
            };
            let start = bounds.start.max(query.from_offset.unwrap_or(bounds.start));
            sources.push(Self { at, bounds: Bounds { start, ..bounds }, position: bounds.end.max(start) });
        }
        Ok(sources)
    }

    /// The same partition, read from `start` on.
    pub(super) const fn starting_at(mut self, start: i64) -> Self {
        self.bounds.start = start;
        self
    }

    /// Records from `from` on, at most `limit`, in order; those that `query` surely leaves out are not even decoded.
    pub(super) async fn read(&self, reader: &Reader, from: i64, limit: u32, query: &TailQuery) -> Result<Vec<Seen>, OpsError> {
        if self.at.topic.is_dead_letter() {
            return self.letters(reader, from, limit, query).await;
        }
        let records = reader.records(self.at, from, limit).await?;
        Ok(records.iter().map(|record| look(record, query)).collect())
    }

    /// Parked events from this number on, at most `limit`, in order.
    pub(super) async fn letters(&self, reader: &Reader, from: i64, limit: u32, query: &TailQuery) -> Result<Vec<Seen>, OpsError> {
        let topic = self.at.topic;
        let letters = reader.store.read(async move |tx| dead_letter::on_topic(tx, topic, from, i64::from(limit)).await).await?;
        let seen = |letter: &DeadLetter| {
            let line = may_match(query, &letter.key, &letter.value).then(|| TailRecord::of_dead_letter(topic.name(), letter));
            Seen { offset: letter.id, time: Some(letter.last_failed_at), line: line.filter(|line| query.matches(line)).map(Found::record) }
        };
        Ok(letters.iter().map(seen).collect())
    }
}

/// Looks at a record, and decodes it where it is worth that.
pub(super) fn look(record: &Record, query: &TailQuery) -> Seen {
    let is_worth_it = may_match(query, &record.key, &record.value) && has_headers(query, record);
    let line = is_worth_it.then(|| TailRecord::of_record(record, query.with_raw));
    let time = line.as_ref().map_or_else(|| parse_timestamp(&record.created_at), |line| line.time);
    Seen { offset: record.offset, time, line: line.filter(|line| query.matches(line)).map(Found::record) }
}

/// The same, with the record written down behind the text where lines are wanted.
pub(super) fn look_and_write(record: &Record, query: &TailQuery, text: &mut Vec<u8>) -> Result<Seen, OpsError> {
    if let Some(begin) = query.plain_lines()
        && may_match(query, &record.key, &record.value)
        && has_headers(query, record)
        && let Some(line) = PlainLine::of(record)
    {
        let (time, offset) = (Some(line.time), record.offset);
        let found = query.is_within(time, Some(line.payment_no())).then(|| {
            let before = text.len();
            line.write(begin, text);
            Found { time, offset, is_undecodable: false, form: Form::Line { bytes: text.len().saturating_sub(before) } }
        });
        return Ok(Seen { offset, time, line: found });
    }
    look(record, query).written(query, text)
}

/// Whether a record is worth decoding: its key fits, and its bytes name the payment.
fn may_match(query: &TailQuery, key: &str, value: &[u8]) -> bool {
    let names = |payment: &String| memmem::find(value, payment.as_bytes()).is_some();
    query.key.as_ref().is_none_or(|wanted| key == wanted) && query.payment.as_ref().is_none_or(names)
}

fn has_headers(query: &TailQuery, record: &Record) -> bool {
    if query.headers.is_empty() {
        return true;
    }
    let found = Headers::of(record);
    query.headers.iter().all(|(name, wanted)| found.text(name).is_some_and(|text| text == wanted.as_str()))
}

async fn dead_letter_bounds(reader: &Reader) -> Result<Bounds, OpsError> {
    reader
        .store
        .read(async move |tx| {
            let row = tx.query_one("SELECT min(id), max(id) + 1 FROM dlq", &[]).await?;
            let (start, end) = match row {
                Some(row) => (row.get::<Option<i64>>(0)?, row.get::<Option<i64>>(1)?),
                None => (None, None),
            };
            Ok(Bounds { start: start.unwrap_or(1), end: end.unwrap_or(1) })
        })
        .await
}

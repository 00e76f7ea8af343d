use std::collections::VecDeque;

use crate::domain::Timestamp;
use crate::ops::{OpsError, Reader};

use super::source::{Seen, Source};
use super::{TailQuery, TailRecord};

/// How many records are read at once where all of a range is.
const PAGE: u32 = 2000;
/// Lines that are handed over together.
const LINES: usize = 500;
/// The first look back from the end, in offsets; each further look goes back four times as far.
const FIRST_SPAN: i64 = 2000;

/// A range of several partitions, read forwards and merged by time as it is read: memory does not grow with the range.
pub(super) struct Range {
    streams: Vec<Stream>,
    /// Records looked at.
    pub(super) scanned: u64,
    /// Partitions that could not be read to their end, and why.
    pub(super) unread: Vec<String>,
}

struct Stream {
    source: Source,
    from: i64,
    waiting: VecDeque<Seen>,
    is_done: bool,
}

impl Range {
    pub(super) const fn new() -> Self {
        Self { streams: Vec::new(), scanned: 0, unread: Vec::new() }
    }

    /// Takes a partition in, from the first record on that can be in the range.
    pub(super) async fn add(&mut self, reader: &Reader, source: Source, query: &TailQuery) -> Result<(), OpsError> {
        let from = match query.since {
            Some(since) => first_since(reader, &source, since).await?,
            None => source.bounds.start,
        };
        self.streams.push(Stream { source, from, waiting: VecDeque::new(), is_done: false });
        Ok(())
    }

    /// The next lines; none at the end.
    pub(super) async fn next(&mut self, reader: &Reader, query: &TailQuery) -> Vec<TailRecord> {
        let mut lines = Vec::new();
        while lines.len() < LINES {
            self.fill(reader, query).await;
            let first = self.streams.iter_mut().filter(|stream| !stream.waiting.is_empty());
            let first = first.min_by_key(|stream| stream.waiting.front().map(|seen| (seen.time, seen.offset)));
            let Some(seen) = first.and_then(|stream| stream.waiting.pop_front()) else { break };
            lines.extend(seen.line);
        }
        lines
    }

    /// Has something waiting from every partition that is not at its end: only then is the earliest of them the next.
    async fn fill(&mut self, reader: &Reader, query: &TailQuery) {
        for stream in self.streams.iter_mut().filter(|stream| stream.waiting.is_empty() && !stream.is_done) {
            match stream.read(reader, query).await {
                Ok(scanned) => self.scanned += scanned,
                Err(error) => {
                    stream.is_done = true;
                    self.unread.push(format!("{}: {error}", stream.source.at));
                }
            }
        }
    }
}

impl Stream {
    async fn read(&mut self, reader: &Reader, query: &TailQuery) -> Result<u64, OpsError> {
        let end = self.source.bounds.end;
        let mut scanned = 0;
        while self.waiting.is_empty() && !self.is_done {
            let page = self.source.read(reader, self.from, PAGE, query).await?;
            let Some(last) = page.last().map(|seen| seen.offset) else {
                self.is_done = true;
                break;
            };
            self.from = last + 1;
            self.is_done = self.from >= end || is_beyond(&page, query.until);
            let within: Vec<Seen> = page.into_iter().filter(|seen| seen.offset < end).collect();
            scanned += within.len() as u64;
            // Only what is wanted waits, and the last one, by whose time the others may go on.
            let count = within.len();
            self.waiting
                .extend(within.into_iter().enumerate().filter(|(nth, seen)| seen.line.is_some() || nth + 1 == count).map(|(_, seen)| seen));
        }
        Ok(scanned)
    }
}

/// Whether a whole page is later than what is wanted. One record proves nothing: what was published again is older than its place.
fn is_beyond(page: &[Seen], until: Option<Timestamp>) -> bool {
    until.is_some_and(|until| page.iter().all(|seen| seen.time.is_some_and(|time| time > until)))
}

/// An offset before which a whole page of records is older than `since`.
async fn first_since(reader: &Reader, source: &Source, since: Timestamp) -> Result<i64, OpsError> {
    let mut span = FIRST_SPAN;
    loop {
        let lower = source.bounds.end.saturating_sub(span).max(source.bounds.start);
        if lower <= source.bounds.start {
            return Ok(source.bounds.start);
        }
        let nothing = TailQuery { key: Some(String::new()), ..TailQuery::default() };
        let page = source.read(reader, lower, PAGE, &nothing).await?;
        if !page.is_empty() && page.iter().all(|seen| seen.time.is_some_and(|time| time < since)) {
            return Ok(lower);
        }
        span = span.saturating_mul(4);
    }
}

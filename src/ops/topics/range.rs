use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::Timestamp;
use crate::event::{Record, TopicPartition};
use crate::log::{LogError, PartitionScan};
use crate::ops::{OpsError, Reader};

use super::TailQuery;
use super::found::{Form, Found, Seen};
use super::source::{Source, look_and_write};

/// Records that are read at once, of all partitions together, and of one of them at most and at least.
const AHEAD: usize = 12_000;
const LONGEST_PAGE: usize = 500;
const SHORTEST_PAGE: usize = 100;
/// Pages of a partition that wait to be merged, beside the one that is being merged and the one that is being read.
const PAGES_AHEAD: usize = 2;
/// Lines that are handed over together.
const LINES: usize = 500;
/// Records by which a look back is judged.
const PROBE: u32 = 2000;
/// The first look back from the end, in offsets; each further look goes back four times as far.
const FIRST_SPAN: i64 = 2000;

/// A range of several partitions, read forwards and merged by time as it is read: memory does not grow with the range.
pub(super) struct Range {
    streams: Vec<Stream>,
    /// Records looked at.
    pub(super) scanned: u64,
    /// Partitions that could not be read to their end, and why.
    pub(super) unread: Vec<String>,
    /// The length of what was handed over last.
    text_bytes: usize,
}

/// One partition: what waits to be merged, and its next pages, which are read beside that.
struct Stream {
    at: TopicPartition,
    waiting: VecDeque<Seen>,
    /// The lines of those that wait, in their order, where records are wanted as lines; `done` bytes of it are handed over.
    text: Vec<u8>,
    done: usize,
    pages: mpsc::Receiver<Page>,
    /// What reads them, until it has ended.
    reading: Option<AbortOnDropHandle<Result<(), OpsError>>>,
}

/// Records that are next to each other.
struct Page {
    /// Those that are wanted, and the last one, by whose time the other partitions may go on.
    seen: VecDeque<Seen>,
    /// How many were looked at.
    scanned: u64,
    text: Vec<u8>,
    is_last: bool,
}

/// What is handed over together.
pub(super) struct Lines {
    pub(super) found: Vec<Found>,
    /// All of it as text, where records are wanted as lines.
    pub(super) text: Vec<u8>,
}

impl Range {
    /// Begins to read these partitions, from the first record on that can be in the range.
    pub(super) async fn start(reader: &Reader, sources: &[Source], query: &TailQuery) -> Result<Self, OpsError> {
        let limit = page_limit(sources.len());
        let query = Arc::new(query.clone());
        let mut found = Vec::new();
        for source in sources {
            let start = match query.since {
                Some(since) => first_since(reader, source, since).await?,
                None => source.bounds.start,
            };
            found.push(source.starting_at(start));
        }
        let on_log = found.iter().filter(|source| !source.at.topic.is_dead_letter());
        let mut scans = reader.log.scan(on_log.map(|source| (source.at, source.bounds)).collect()).await?.into_iter();
        let streams = found.into_iter().map(|source| {
            let scan = if source.at.topic.is_dead_letter() { None } else { scans.next() };
            let place = scan.map_or(Place::Letters { from: source.bounds.start }, Place::Log);
            Stream::of(Pages { reader: reader.clone(), query: Arc::clone(&query), source, place, limit, text_bytes: 0 })
        });
        Ok(Self { streams: streams.collect(), scanned: 0, unread: Vec::new(), text_bytes: 0 })
    }

    /// The next lines; none at the end.
    pub(super) async fn next(&mut self) -> Lines {
        let mut lines = Lines { found: Vec::with_capacity(LINES), text: Vec::with_capacity(self.text_bytes) };
        while lines.found.len() < LINES {
            self.fill().await;
            let first = self.streams.iter_mut().filter(|stream| !stream.waiting.is_empty());
            let first = first.min_by_key(|stream| stream.waiting.front().map(|seen| (seen.time, seen.offset)));
            let Some(first) = first else { break };
            first.hand_over(&mut lines);
        }
        self.text_bytes = lines.text.len();
        lines
    }

    /// Has something waiting from every partition that is not at its end: only then is the earliest of them the next.
    async fn fill(&mut self) {
        for stream in &mut self.streams {
            while stream.waiting.is_empty() && stream.reading.is_some() {
                match stream.take_page().await {
                    Ok(scanned) => self.scanned += scanned,
                    Err(error) => self.unread.push(format!("{}: {error}", stream.at)),
                }
            }
        }
    }
}

/// How many records of one of so many partitions are read at once.
fn page_limit(partitions: usize) -> u32 {
    let share = (AHEAD / partitions.max(1)).clamp(SHORTEST_PAGE, LONGEST_PAGE);
    u32::try_from(share).unwrap_or(u32::MAX)
}

impl Stream {
    #[expect(clippy::disallowed_methods, reason = "it ends with the handle; a command has no supervisor")]
    fn of(pages: Pages) -> Self {
        let at = pages.source.at;
        let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
        let reading = AbortOnDropHandle::new(tokio::spawn(pages.read(sender)));
        Self { at, waiting: VecDeque::new(), text: Vec::new(), done: 0, pages: receiver, reading: Some(reading) }
    }

    /// Has the next page wait to be merged; how many records were looked at. An error is the end.
    async fn take_page(&mut self) -> Result<u64, OpsError> {
        if let Some(page) = self.pages.recv().await {
            (self.waiting, self.text, self.done) = (page.seen, page.text, 0);
            return Ok(page.scanned);
        }
        if let Some(reading) = self.reading.take() {
            reading.await.map_err(|error| LogError::Broker(format!("the reading of a partition ended: {error}")))??;
        }
        Ok(0)
    }

    /// Hands the first that waits over, where it is wanted.
    fn hand_over(&mut self, lines: &mut Lines) {
        let Some(found) = self.waiting.pop_front().and_then(|seen| seen.line) else { return };
        if let Form::Line { bytes } = found.form {
            let end = self.done.saturating_add(bytes);
            lines.text.extend_from_slice(self.text.get(self.done..end).unwrap_or_default());
            self.done = end;
        }
        lines.found.push(found);
    }
}

/// Reads a partition page by page.
struct Pages {
    reader: Reader,
    query: Arc<TailQuery>,
    source: Source,
    place: Place,
    limit: u32,
    /// The length of the last page's text: the next one's will be like it.
    text_bytes: usize,
}

/// Where a partition's records come from.
enum Place {
    Log(PartitionScan),
    Letters { from: i64 },
}

impl Pages {
    /// Reads to the end, or until nobody takes pages any more.
    async fn read(mut self, pages: mpsc::Sender<Page>) -> Result<(), OpsError> {
        loop {
            let page = self.page().await?;
            let is_last = page.is_last;
            if pages.send(page).await.is_err() || is_last {
                return Ok(());
            }
        }
    }

    async fn page(&mut self) -> Result<Page, OpsError> {
        let (looked, text) = match &mut self.place {
            Place::Log(scan) => {
                let writing = (Arc::clone(&self.query), Vec::with_capacity(self.text_bytes));
                let look = |(query, text): &mut (Arc<TailQuery>, Vec<u8>), record: &mut Record| look_and_write(record, query, text);
                let (looked, (_, text)) = scan.look(self.limit, writing, look).await?;
                self.text_bytes = text.len();
                (looked.into_iter().collect::<Result<Vec<Seen>, _>>()?, text)
            }
            Place::Letters { from } => {
                let mut text = Vec::new();
                let mut seen = self.source.letters(&self.reader, *from, self.limit, &self.query).await?;
                seen.retain(|seen| seen.offset < self.source.bounds.end);
                *from = seen.last().map_or(*from, |last| last.offset + 1);
                let written = |seen: Seen| seen.written(&self.query, &mut text);
                (seen.into_iter().map(written).collect::<Result<Vec<Seen>, _>>()?, text)
            }
        };
        let count = looked.len();
        let is_at_end = looked.last().is_none_or(|last| last.offset + 1 >= self.source.bounds.end);
        let is_last = is_at_end || is_beyond(&looked, self.query.until);
        let kept = looked.into_iter().enumerate().filter(|(nth, seen)| seen.line.is_some() || nth + 1 == count);
        Ok(Page { seen: kept.map(|(_, seen)| seen).collect(), scanned: count as u64, text, is_last })
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
        let page = source.read(reader, lower, PROBE, &nothing).await?;
        if !page.is_empty() && page.iter().all(|seen| seen.time.is_some_and(|time| time < since)) {
            return Ok(lower);
        }
        span = span.saturating_mul(4);
    }
}

use std::collections::VecDeque;
use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use crate::domain::Timestamp;
use crate::log::{LogError, PartitionScan};
use crate::ops::{OpsError, Reader};

use super::TailQuery;
use super::found::{Found, Seen, write_all};
use super::source::{Source, look};

/// Records that are read at once, of all partitions together, and of one of them at most and at least.
const AHEAD: usize = 12_000;
const LONGEST_PAGE: usize = 500;
const SHORTEST_PAGE: usize = 100;
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
}

/// One partition: what waits to be merged, and its next page, which is read and decoded beside that.
struct Stream {
    source: Source,
    waiting: VecDeque<Seen>,
    ahead: Option<AbortOnDropHandle<Answer>>,
}

/// What is read from, and what came of it.
type Answer = (Pages, Result<Page, OpsError>);

struct Page {
    seen: Vec<Seen>,
    is_last: bool,
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
            Stream::new(Pages { reader: reader.clone(), query: Arc::clone(&query), source, place, limit })
        });
        Ok(Self { streams: streams.collect(), scanned: 0, unread: Vec::new() })
    }

    /// The next lines; none at the end.
    pub(super) async fn next(&mut self) -> Vec<Found> {
        let mut lines = Vec::new();
        while lines.len() < LINES {
            self.fill().await;
            let first = self.streams.iter_mut().filter(|stream| !stream.waiting.is_empty());
            let first = first.min_by_key(|stream| stream.waiting.front().map(|seen| (seen.time, seen.offset)));
            let Some(seen) = first.and_then(|stream| stream.waiting.pop_front()) else { break };
            lines.extend(seen.line);
        }
        lines
    }

    /// Has something waiting from every partition that is not at its end: only then is the earliest of them the next.
    async fn fill(&mut self) {
        for stream in &mut self.streams {
            while stream.waiting.is_empty() && stream.ahead.is_some() {
                match stream.take_page().await {
                    Ok(scanned) => self.scanned += scanned,
                    Err(error) => self.unread.push(format!("{}: {error}", stream.source.at)),
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
    fn new(pages: Pages) -> Self {
        Self { source: pages.source, waiting: VecDeque::new(), ahead: Some(pages.read_ahead()) }
    }

    /// Has the next page wait to be merged, and the one after it read; how many records were looked at. An error is the end.
    async fn take_page(&mut self) -> Result<u64, OpsError> {
        let Some(ahead) = self.ahead.take() else { return Ok(0) };
        let (pages, page) = ahead.await.map_err(|error| LogError::Broker(format!("the reading of a partition ended: {error}")))?;
        let page = page?;
        if !page.is_last {
            self.ahead = Some(pages.read_ahead());
        }
        // Only what is wanted waits, and the last one, by whose time the others may go on.
        let count = page.seen.len();
        let kept = page.seen.into_iter().enumerate().filter(|(nth, seen)| seen.line.is_some() || nth + 1 == count);
        self.waiting.extend(kept.map(|(_, seen)| seen));
        Ok(count as u64)
    }
}

/// Reads a partition page by page.
struct Pages {
    reader: Reader,
    query: Arc<TailQuery>,
    source: Source,
    place: Place,
    limit: u32,
}

/// Where a partition's records are.
enum Place {
    Log(PartitionScan),
    Letters { from: i64 },
}

impl Pages {
    #[expect(clippy::disallowed_methods, reason = "it ends with the handle; a command has no supervisor")]
    fn read_ahead(mut self) -> AbortOnDropHandle<Answer> {
        AbortOnDropHandle::new(tokio::spawn(async move {
            let page = self.page().await;
            (self, page)
        }))
    }

    async fn page(&mut self) -> Result<Page, OpsError> {
        let seen: Vec<Seen> = match &mut self.place {
            Place::Log(scan) => {
                let records = scan.next(self.limit).await?;
                let seen = records.iter().map(|record| look(record, &self.query));
                match self.query.written {
                    Some(write) => write_all(seen, write)?,
                    None => seen.collect(),
                }
            }
            Place::Letters { from } => {
                let mut seen = self.source.letters(&self.reader, *from, self.limit, &self.query).await?;
                seen.retain(|seen| seen.offset < self.source.bounds.end);
                *from = seen.last().map_or(*from, |last| last.offset + 1);
                seen
            }
        };
        let is_at_end = seen.last().is_none_or(|last| last.offset + 1 >= self.source.bounds.end);
        Ok(Page { is_last: is_at_end || is_beyond(&seen, self.query.until), seen })
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

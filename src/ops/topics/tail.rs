use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::{OpsError, Reader, Report, Table};

use super::found::{Form, Found, write_line};
use super::range::{Lines, Range};
use super::source::Source;
use super::{TAIL_HEADERS, TailQuery, TailRecord};

/// How many records are read at once.
const PAGE: u32 = 500;
/// The first look back from the end of a partition, in offsets; each further look is twice as wide.
const FIRST_SPAN: i64 = 256;
const SHORTEST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// What was looked at; said after the lines.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TailFooter {
    /// Lines shown.
    pub shown: usize,
    /// Records looked at.
    pub scanned: u64,
    /// Topics looked at.
    pub topics: usize,
    /// Partitions read.
    pub partitions: usize,
    /// Partitions that the topics have together.
    pub all_partitions: usize,
    /// The time of the first and the last line.
    pub range: Option<(Timestamp, Timestamp)>,
    /// Why older lines of the range are not shown.
    pub cut: Option<String>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
    /// How many of the shown records cannot be read.
    pub undecodable: usize,
}

impl std::fmt::Display for TailFooter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.topics == 1 { "" } else { "s" };
        write!(
            f,
            "-- {} shown · scanned {} records, {} topic{plural}, {}/{} partitions",
            self.shown, self.scanned, self.topics, self.partitions, self.all_partitions
        )?;
        if let Some((first, last)) = self.range {
            write!(f, ", {}→{}", first.format("%H:%M:%S"), last.format("%H:%M:%S"))?;
        }
        let why: Vec<&str> = self.cut.iter().chain(&self.unread).map(String::as_str).collect();
        if why.is_empty() {
            f.write_str(" · COMPLETE")?;
        } else {
            write!(f, " · PARTIAL({})", why.join("; "))?;
        }
        write!(f, " · {} undecodable", self.undecodable)
    }
}

/// A look at the end of the log that can go on. It reads as anybody may: it joins no group and commits nothing.
pub struct Tail {
    reader: Reader,
    query: TailQuery,
    sources: Vec<Source>,
    footer: TailFooter,
    wait: Duration,
    /// What is still to be shown of what is there.
    rest: Rest,
}

enum Rest {
    /// The last lines of all partitions, found by looking back.
    Last,
    /// All of a range, read forwards.
    Range(Range),
    Nothing,
}

impl Tail {
    /// Looks where the wanted partitions begin and end. One that does not answer is named in the footer, unless none does.
    pub async fn start(reader: &Reader, query: TailQuery) -> Result<Self, OpsError> {
        let (mut sources, mut unread, mut fault) = (Vec::new(), Vec::new(), None);
        for topic in &query.topics {
            topic.has_partition(query.partition).map_err(OpsError::Usage)?;
            match Source::of(reader, *topic, &query).await {
                Ok(found) => sources.extend(found),
                Err(error) => {
                    unread.push(format!("{topic}: {error}"));
                    fault = Some(error);
                }
            }
        }
        if let (true, Some(error)) = (sources.is_empty(), fault) {
            return Err(error);
        }
        let all_partitions = query.topics.iter().map(|topic| usize::from(topic.partitions())).sum();
        let footer = TailFooter { topics: query.topics.len(), partitions: sources.len(), all_partitions, unread, ..TailFooter::default() };
        let rest = if query.is_range() { Rest::Range(Range::start(reader, &sources, &query).await?) } else { Rest::Last };
        Ok(Self { reader: reader.clone(), query, sources, footer, wait: SHORTEST_WAIT, rest })
    }

    /// The next lines of what is there, merged by time whichever partition they are in; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<TailPage>, OpsError> {
        let lines = match std::mem::replace(&mut self.rest, Rest::Nothing) {
            Rest::Nothing => return Ok(None),
            Rest::Last => Lines { found: self.last().await?, text: Vec::new() },
            Rest::Range(mut range) => {
                let lines = range.next().await;
                self.footer.scanned += std::mem::take(&mut range.scanned);
                self.footer.unread.append(&mut range.unread);
                if lines.found.is_empty() {
                    return Ok(None);
                }
                self.rest = Rest::Range(range);
                lines
            }
        };
        self.page(lines).map(Some)
    }

    /// Says that what is shown ends before what is there.
    pub fn interrupted(&mut self) {
        if !matches!(self.rest, Rest::Nothing) {
            self.footer.cut = Some("interrupted".to_owned());
        }
    }

    async fn last(&mut self) -> Result<Vec<Found>, OpsError> {
        let mut lines = Vec::new();
        for source in self.sources.clone() {
            match self.last_of(&source).await {
                Ok(found) => lines.extend(found),
                Err(OpsError::Log(error)) => self.footer.unread.push(format!("{}: {error}", source.at)),
                Err(error) => return Err(error),
            }
        }
        in_order(&mut lines);
        let wanted = self.query.wanted();
        if lines.len() > wanted {
            lines.drain(..lines.len() - wanted);
            self.footer.cut = self.query.since.map(|_| format!("the last {wanted}"));
        }
        Ok(lines)
    }

    /// Waits for more and reads it; nothing after half a second without any.
    ///
    /// The bell of the log rings inside the platform's process only and this is another one, so following is a short poll
    /// that slows down while nothing happens: one index look-up a partition.
    pub async fn follow(&mut self) -> Result<TailPage, OpsError> {
        tokio::time::sleep(self.wait).await;
        let mut lines = Vec::new();
        for source in &mut self.sources {
            let found = source.read(&self.reader, source.position, PAGE, &self.query).await?;
            if let Some(last) = found.last() {
                source.position = last.offset + 1;
            }
            self.footer.scanned += found.len() as u64;
            lines.extend(found.into_iter().filter_map(|seen| seen.line));
        }
        self.wait = if lines.is_empty() { (self.wait * 2).min(LONGEST_WAIT) } else { SHORTEST_WAIT };
        in_order(&mut lines);
        self.page(Lines { found: lines, text: Vec::new() })
    }

    /// What was looked at so far.
    pub const fn footer(&self) -> &TailFooter {
        &self.footer
    }

    fn page(&mut self, Lines { found, text }: Lines) -> Result<TailPage, OpsError> {
        self.footer.shown += found.len();
        self.footer.undecodable += found.iter().filter(|found| found.is_undecodable).count();
        let mut times = found.iter().filter_map(|found| found.time);
        if let Some(first) = times.next() {
            let last = times.next_back().unwrap_or(first);
            self.footer.range = Some((self.footer.range.map_or(first, |(first, _)| first), last));
        }
        let mut page = TailPage { now: self.reader.ambient.now(), lines: Vec::new(), written: text };
        for found in found {
            match (found.form, &self.query.lines) {
                (Form::Line { .. }, _) => {}
                (Form::Record(record), Some(begin)) => write_line(&record, begin, &mut page.written)?,
                (Form::Record(record), None) => page.lines.push(*record),
            }
        }
        Ok(page)
    }

    /// The last matching records of one partition, one more than wanted where there are more. A partition can only be read
    /// forwards, and its offsets have gaps, so this looks at ever wider stretches from the end backwards.
    async fn last_of(&mut self, source: &Source) -> Result<VecDeque<Found>, OpsError> {
        let wanted = self.query.wanted() + 1;
        let mut found = VecDeque::new();
        let (mut upper, mut span) = (source.bounds.end, FIRST_SPAN);
        while upper > source.bounds.start && found.len() < wanted {
            let lower = upper.saturating_sub(span).max(source.bounds.start);
            let (mut stretch, reaches_beyond) = self.stretch(source, lower, upper, wanted - found.len()).await?;
            stretch.append(&mut found);
            found = stretch;
            if reaches_beyond {
                break;
            }
            (upper, span) = (lower, span.saturating_mul(2));
        }
        Ok(found)
    }

    /// The last `wanted` matches in one stretch, and whether it reaches back beyond the range asked for.
    async fn stretch(&mut self, source: &Source, lower: i64, upper: i64, wanted: usize) -> Result<(VecDeque<Found>, bool), OpsError> {
        let mut kept = VecDeque::new();
        let mut reaches_beyond = false;
        let mut from = lower;
        while from < upper {
            let page = source.read(&self.reader, from, PAGE, &self.query).await?;
            let Some(last) = page.last() else { break };
            from = last.offset + 1;
            for seen in page.into_iter().filter(|seen| seen.offset < upper) {
                self.footer.scanned += 1;
                reaches_beyond |= seen.time.zip(self.query.since).is_some_and(|(time, since)| time < since);
                let Some(line) = seen.line else { continue };
                if kept.len() == wanted {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        }
        Ok((kept, reaches_beyond))
    }
}

/// By time over all partitions; the offset decides between records of one moment.
fn in_order(lines: &mut [Found]) {
    lines.sort_by_key(|line| (line.time, line.offset));
}

/// Lines that were found together.
#[derive(Debug, Clone, Serialize)]
pub struct TailPage {
    /// Oldest first.
    pub lines: Vec<TailRecord>,
    /// The same as lines of JSON, instead of `lines`, where [`TailQuery::lines`] asks for these.
    #[serde(skip)]
    pub written: Vec<u8>,
    /// When they were read.
    #[serde(skip)]
    pub now: Timestamp,
}

impl Report for TailPage {
    const LISTS: &'static [&'static str] = &["lines"];
    const NAMES: Option<&'static str> = Some("event ids");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(TAIL_HEADERS);
        for line in &self.lines {
            table.push(line.cells(self.now));
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.lines.iter().filter_map(|line| line.event_id).map(|id| id.to_string()).collect()
    }
}

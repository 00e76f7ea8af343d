use std::collections::VecDeque;
use std::time::Duration;

use serde::Serialize;

use crate::domain::Timestamp;
use crate::ops::{OpsError, Reader, Report, Table};

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
        match &self.cut {
            None => f.write_str(" · COMPLETE")?,
            Some(why) => write!(f, " · PARTIAL({why})")?,
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
}

impl Tail {
    /// Reads what is there: the last records by time, whichever partition they are in.
    pub async fn start(reader: &Reader, query: TailQuery) -> Result<(Self, TailPage), OpsError> {
        let mut sources = Vec::new();
        for topic in &query.topics {
            topic.has_partition(query.partition).map_err(OpsError::Usage)?;
            sources.extend(Source::of(reader, *topic, query.partition).await?);
        }
        let all_partitions = query.topics.iter().map(|topic| usize::from(topic.partitions())).sum();
        let footer = TailFooter { topics: query.topics.len(), partitions: sources.len(), all_partitions, ..TailFooter::default() };
        let mut tail = Self { reader: reader.clone(), query, sources, footer, wait: SHORTEST_WAIT };
        let mut lines = Vec::new();
        for source in tail.sources.clone() {
            lines.extend(tail.last_of(&source).await?);
        }
        in_order(&mut lines);
        let wanted = tail.query.wanted();
        if lines.len() > wanted {
            lines.drain(..lines.len() - wanted);
            tail.footer.cut = tail.query.since.map(|_| format!("the last {wanted}"));
        }
        let page = tail.page(lines);
        Ok((tail, page))
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
        Ok(self.page(lines))
    }

    /// What was looked at so far.
    pub const fn footer(&self) -> &TailFooter {
        &self.footer
    }

    fn page(&mut self, lines: Vec<TailRecord>) -> TailPage {
        self.footer.shown += lines.len();
        self.footer.undecodable += lines.iter().filter(|line| line.undecodable.is_some()).count();
        let times: Vec<Timestamp> = lines.iter().filter_map(|line| line.time).collect();
        if let (Some(first), Some(last)) = (times.first(), times.last()) {
            let first = self.footer.range.map_or(*first, |(first, _)| first);
            self.footer.range = Some((first, *last));
        }
        TailPage { now: self.reader.ambient.now(), lines }
    }

    /// The last matching records of one partition, one more than wanted where there are more. A partition can only be read
    /// forwards, and its offsets have gaps, so this looks at ever wider stretches from the end backwards.
    async fn last_of(&mut self, source: &Source) -> Result<VecDeque<TailRecord>, OpsError> {
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
    async fn stretch(&mut self, source: &Source, lower: i64, upper: i64, wanted: usize) -> Result<(VecDeque<TailRecord>, bool), OpsError> {
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
fn in_order(lines: &mut [TailRecord]) {
    lines.sort_by_key(|line| (line.time, line.offset));
}

/// Lines that were found together.
#[derive(Debug, Clone, Serialize)]
pub struct TailPage {
    /// Oldest first.
    pub lines: Vec<TailRecord>,
    /// When they were read.
    #[serde(skip)]
    pub now: Timestamp,
}

impl Report for TailPage {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(TAIL_HEADERS);
        for line in &self.lines {
            table.push(line.cells(self.now));
        }
        vec![table]
    }
}

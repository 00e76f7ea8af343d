use serde::Serialize;

use crate::config::{Ambient, Config};
use crate::domain::Timestamp;
use crate::event::Topic;
use crate::ops::dlq::{self, EntryList, LetterQuery, LetterState};
use crate::ops::lag::{self, By, LagReport};
use crate::ops::topics::{Tail, TailQuery, TailRecord};
use crate::ops::verify::{self, INVARIANTS, Verdict, Verification};
use crate::ops::{OpsError, Probe, Reader, status};

use super::{Bundle, BundlePart};

/// Dead letters that are told one by one.
const LETTERS: i64 = 1000;
/// Deeds of operators that are kept, the last ones.
const DEEDS: usize = 10_000;

/// Where a bundle is gathered.
pub struct Scene<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What asks services how they are.
    pub probe: &'a Probe,
    /// Database and log, or why they cannot be read.
    pub reader: Result<&'a Reader, String>,
    /// Clock and randomness.
    pub ambient: &'a Ambient,
    /// From when on.
    pub since: Timestamp,
}

#[derive(Serialize)]
struct Deeds {
    deeds: Vec<TailRecord>,
}

/// Gathers what can be read; `configuration` is shown as it is, so hand it over redacted. What cannot be read is said in its place.
pub async fn gather(scene: &Scene<'_>, configuration: &impl Serialize) -> Bundle {
    let opened = scene.reader.as_ref().map(|reader| *reader).map_err(Clone::clone);
    let status = status::status(scene.config, scene.probe, opened.clone(), scene.ambient).await;
    let mut parts = vec![
        BundlePart::new("status.json", "services, database, log", Ok((status, None))),
        BundlePart::new("config.json", "configuration", Ok((configuration, None))),
    ];
    let lag = read(&opened, |reader| async { lag::lag(reader, &[], By::Partition).await }).await;
    parts.push(BundlePart::new("lag.json", "database, log", lag.map(with_fault)));
    let causes = read(&opened, |reader| async { dlq::causes(reader, &LetterQuery::default()).await }).await;
    parts.push(BundlePart::new("dead_letter_causes.json", "database", causes.map(|found| (found, None))));
    let recent = LetterQuery { state: LetterState::All, since: Some(scene.since), ..LetterQuery::default() };
    let letters = read(&opened, |reader| async { dlq::entries(reader, &recent, LETTERS).await }).await;
    parts.push(BundlePart::new("dead_letters.json", "database", letters.map(cut)));
    let every: Vec<_> = INVARIANTS.iter().collect();
    let checks = read(&opened, |reader| async { verify::verify(reader, &every, None).await }).await;
    parts.push(BundlePart::new("invariants.json", "database", checks.map(with_unknown)));
    let deeds = read(&opened, |reader| deeds(reader, scene.since)).await;
    parts.push(BundlePart::new("operators.json", "log (audit.logs)", deeds));
    Bundle { at: scene.ambient.now(), since: scene.since, version: env!("CARGO_PKG_VERSION"), parts }
}

async fn read<'a, T, F: Future<Output = Result<T, OpsError>>>(
    opened: &Result<&'a Reader, String>,
    ask: impl FnOnce(&'a Reader) -> F,
) -> Result<T, String> {
    let reader = opened.as_ref().map_err(Clone::clone)?;
    ask(reader).await.map_err(|error| error.to_string())
}

fn with_fault(lag: LagReport) -> (LagReport, Option<String>) {
    let fault = lag.log_fault.clone();
    (lag, fault)
}

fn cut(letters: EntryList) -> (EntryList, Option<String>) {
    let left = letters.total - i64::try_from(letters.entries.len()).unwrap_or_default();
    (letters, (left > 0).then(|| format!("{left} more")))
}

fn with_unknown(found: Verification) -> (Verification, Option<String>) {
    let unknown = found.checks.iter().filter(|check| check.verdict == Verdict::Unknown).map(|check| check.id);
    let unknown = unknown.collect::<Vec<_>>().join(", ");
    (found, (!unknown.is_empty()).then(|| format!("{unknown} could not be checked")))
}

async fn deeds(reader: &Reader, since: Timestamp) -> Result<(Deeds, Option<String>), OpsError> {
    let query = TailQuery { topics: vec![Topic::AuditLogs], since: Some(since), last: Some(DEEDS), ..TailQuery::default() };
    let mut tail = Tail::start(reader, query).await?;
    let mut deeds = Vec::new();
    while let Some(page) = tail.next().await? {
        deeds.extend(page.lines);
    }
    let footer = tail.footer();
    let missing: Vec<String> = footer.cut.iter().chain(&footer.unread).cloned().collect();
    Ok((Deeds { deeds }, (!missing.is_empty()).then(|| missing.join("; "))))
}

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::domain::format_timestamp;
use crate::ops::Reader;
use crate::ops::client::api_key;
use crate::ops::verify::{INVARIANTS, Verdict, verify};
use crate::services::Service;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::history::History;
use super::journal::Journal;
use super::line::{Line, RunLine};
use super::report::{After, LoadReport};
use super::schedule::Schedule;
use super::subject::Subject;
use super::work::Work;
use super::{LoadError, Plan, drain, proof};

/// How a run is ended early.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Cancelled: send nothing more, but wait and prove.
    pub stop: CancellationToken,
    /// Cancelled: do not even prove.
    pub give_up: CancellationToken,
}

/// Sends a plan's requests to the gateway, waits until the groups have read what came of them, and compares what was
/// acknowledged with what is there. `tell` hears what it is doing.
pub async fn run(
    reader: &Reader,
    config: &Config,
    plan: &Plan,
    signals: &Signals,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<LoadReport, LoadError> {
    let url = Service::Gateway.url(config);
    let endpoint = Arc::new(Endpoint::parse(&url)?);
    let subject = Subject {
        run: plan.run.clone(),
        seed: plan.seed,
        merchant_id: plan.merchant_id,
        api_key: api_key(config)?,
        webhook_secret: plan.webhook_secret.clone(),
        started_at: reader.ambient.now(),
    };
    Connection::new(Arc::clone(&endpoint)).connect().await.map_err(|_| LoadError::Unreachable(url))?;
    let before = drain::look(reader).await?;
    let history = Arc::new(History::new()?);
    let schedule = Schedule::new(plan.pace, plan.warm_up, plan.duration);
    let lasted = send(reader, plan, subject, schedule, &history, &endpoint, &signals.stop, tell).await?;
    tell("waiting until every group has read everything");
    let drained = drain::wait(reader, plan.patience, &signals.give_up).await?;
    let mut after = After {
        parked: drained.parked - before.parked,
        drain: drained,
        invariants_holding: None,
        invariants_checked: None,
        invariants_broken: Vec::new(),
    };
    let mut proven = None;
    if !signals.give_up.is_cancelled() {
        tell("comparing what was acknowledged with what is there");
        proven = Some(proof::acked(reader, &plan.journal).await?);
        let every: Vec<_> = INVARIANTS.iter().collect();
        let checks = verify(reader, &every, None).await?.checks;
        after.invariants_holding = Some(checks.iter().filter(|check| check.verdict == Verdict::Holds).count());
        after.invariants_checked = Some(checks.len());
        after.invariants_broken = checks.iter().filter(|check| check.verdict == Verdict::Broken).map(|check| check.id).collect();
    }
    LoadReport::new(plan, schedule, lasted, &history.lock(), after, proven, signals.stop.is_cancelled())
}

/// Sends everything and has it on record; how long that took.
#[expect(clippy::too_many_arguments, reason = "the one call that ties a run together; a struct of it would be Work, which it makes")]
async fn send(
    reader: &Reader,
    plan: &Plan,
    subject: Subject,
    schedule: Schedule,
    history: &Arc<History>,
    endpoint: &Arc<Endpoint>,
    stop: &CancellationToken,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<Duration, LoadError> {
    let first = Line::Run(RunLine {
        run: plan.run.clone(),
        merchant_id: plan.merchant_id,
        seed: plan.seed,
        started_at: format_timestamp(subject.started_at),
    });
    let (journal, recorder) = Journal::start(&plan.journal, first)?;
    tell(&format!("journal {}", plan.journal.display()));
    let work = Work {
        subject,
        schedule,
        mix: plan.mix,
        duplicates: plan.duplicates,
        history: Arc::clone(history),
        recorder,
        ambient: reader.ambient.clone(),
        started: Instant::now(),
        started_at: reader.ambient.now(),
        stop: stop.clone(),
        next: AtomicU64::new(0),
    };
    // All workers are one task: they share the machine with the platform, and one core is enough for what they do.
    let ended = try_join_all((0..plan.connections).map(|_| work.run(Arc::clone(endpoint)))).await;
    let lasted = work.started.elapsed();
    drop(work);
    let kept = tokio::task::spawn_blocking(move || journal.finish()).await;
    kept.map_err(|error| LoadError::Broken(error.to_string()))??;
    ended.map(|_| lasted)
}

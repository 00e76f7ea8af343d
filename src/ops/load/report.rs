use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::ops::{Report, Table};

use super::acked_report::{AckedReport, Class};
use super::drain::Drain;
use super::history::Counts;
use super::judge::Outcome;
use super::spread::{Latency, Spread};
use super::verdict::{Check, Figures, check, millis};
use super::{LoadError, Op, Pace, Plan, Schedule};

/// A client that wakes later than this at its p99 measures itself.
const LATE: Duration = Duration::from_millis(5);
const ERRORS_SHOWN: usize = 5;

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct LoadReport {
    /// PASS, FAIL or UNPROVEN.
    pub verdict: &'static str,
    /// Everything that had to hold: thresholds, then the proof.
    pub checks: Vec<Check>,
    /// Whether somebody ended it early.
    pub interrupted: bool,
    /// What is known of the sending.
    pub rate: Sending,
    /// From the scheduled time; the last row is the service time.
    pub latency: Vec<Latency>,
    /// By what became of the requests.
    pub outcome: BTreeMap<&'static str, u64>,
    /// What went wrong, each with how often.
    pub errors: BTreeMap<String, u64>,
    /// Repetitions sent, and those that were answered as the first time.
    pub duplicates_sent: u64,
    /// See `duplicates_sent`.
    pub duplicates_same: u64,
    /// What the run left behind.
    pub after: After,
    /// What the journal was compared with; none where somebody gave up.
    pub proof: Option<AckedReport>,
    /// By what the run can be repeated and found again.
    pub run: Known,
    #[serde(skip)]
    warnings: Vec<String>,
}

/// How fast requests were sent and answered.
#[derive(Debug, Clone, Serialize)]
pub struct Sending {
    /// What was asked for, a second; unknown in the closed model.
    pub intended_per_s: Option<f64>,
    /// Requests in the measured time.
    pub planned: Option<u64>,
    /// Sent.
    pub started: u64,
    /// Ended, however.
    pub completed: u64,
    /// Too late to be sent.
    pub dropped: u64,
    /// Accepted or declined, a second.
    pub answered_per_s: f64,
    /// Sent after their time, because every connection was busy.
    pub queued: u64,
    /// How late those were at their p99.
    pub queued_p99_us: u64,
    /// How late a free worker woke at its p99: the client's own fault.
    pub overslept_p99_us: u64,
}

/// What the run left behind.
#[derive(Debug, Clone, Serialize)]
pub struct After {
    /// How many more events are parked or held than before.
    pub parked: i64,
    /// How the groups caught up.
    pub drain: Drain,
    /// How many invariants hold; unknown where somebody gave up.
    pub invariants_holding: Option<usize>,
    /// Of how many.
    pub invariants_checked: Option<usize>,
    /// Those that do not.
    pub invariants_broken: Vec<&'static str>,
}

/// By what a run can be repeated and found again.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// Of payctl.
    pub version: &'static str,
    /// What the orders of the run are marked with.
    pub id: String,
    /// Gives the same requests again.
    pub seed: u64,
    /// What the requests did.
    pub mix: String,
    /// How many could be in flight.
    pub connections: usize,
    /// Not in the figures.
    pub warm_up_s: f64,
    /// What was measured.
    pub duration_s: f64,
    /// The history.
    pub journal: String,
}

impl LoadReport {
    pub(super) fn new(
        plan: &Plan,
        schedule: Schedule,
        lasted: Duration,
        counts: &Counts,
        after: After,
        proof: Option<AckedReport>,
        interrupted: bool,
    ) -> Result<Self, LoadError> {
        let all = counts.latency()?;
        let rate = sending(plan, schedule, lasted, counts, interrupted);
        let figures = Figures {
            rate: rate.answered_per_s,
            p99: Duration::from_micros(all.p99_us()),
            errors: counts.error_count(),
            requests: counts.completed,
        };
        let mut checks = check(&plan.thresholds, figures);
        checks.extend(proof.as_ref().map(|proof| proven(proof, counts, &after)).unwrap_or_default());
        let verdict = match &proof {
            _ if checks.iter().any(|check| !check.holds) => "FAIL",
            None => "UNPROVEN",
            Some(_) => "PASS",
        };
        Ok(Self {
            verdict,
            checks,
            interrupted,
            warnings: warnings(plan, &rate, figures.errors, interrupted),
            rate,
            latency: latencies(counts, &all, proof.as_ref()),
            outcome: outcomes(counts),
            errors: counts.errors.clone(),
            duplicates_sent: counts.repeated,
            duplicates_same: counts.replayed,
            after,
            proof,
            run: known(plan),
        })
    }

    /// Whether a threshold was missed or something acknowledged does not hold.
    pub fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| !check.holds)
    }

    fn summary(&self) -> Table {
        let mut table = Table::new(&["VERDICT", self.verdict]);
        let mut push = |name: &str, text: String| table.push([name.to_owned(), text]);
        for failed in self.checks.iter().filter(|check| !check.holds) {
            push("FAILED", format!("{} is {}, wanted {}", failed.name, failed.found, failed.wanted));
        }
        let rate = &self.rate;
        let intended = rate.intended_per_s.map_or_else(|| "as fast as answers come".to_owned(), |rate| format!("intended {rate:.1}/s"));
        let late = format!("late {} (p99 {})", rate.queued, shown(rate.queued_p99_us));
        push(
            "RATE",
            format!("{intended}, started {}, answered {:.1}/s, {late}, dropped {}", rate.started, rate.answered_per_s, rate.dropped),
        );
        let outcomes: Vec<String> = self.outcome.iter().map(|(name, count)| format!("{name} {count}")).collect();
        push("OUTCOME", format!("{} = {}", rate.completed, if outcomes.is_empty() { "-".to_owned() } else { outcomes.join(", ") }));
        let mut errors: Vec<_> = self.errors.iter().collect();
        errors.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (error, count) in errors.iter().take(ERRORS_SHOWN) {
            push("ERROR", format!("{error} ×{count}"));
        }
        let different = self.duplicates_sent.saturating_sub(self.duplicates_same);
        push(
            "IDEMPOTENCY",
            format!("{} duplicates sent, {} answered the same, {different} not", self.duplicates_sent, self.duplicates_same),
        );
        push("AFTER", self.after());
        let run = &self.run;
        let how = format!("{}, {} connections, seed {}", run.mix, run.connections, run.seed);
        push("RUN", format!("payctl {}, run {}, {how}, warm-up {}s excluded", run.version, run.id, run.warm_up_s));
        table.notes.clone_from(&self.warnings);
        table.notes.push(format!("prove it again: payctl verify acked --journal {}", run.journal));
        table
    }

    fn after(&self) -> String {
        let After { parked, drain, invariants_holding, invariants_checked, invariants_broken: broken } = &self.after;
        let lag = if drain.drained {
            format!("lag drained in {}", shown(drain.took_ms.saturating_mul(1000)))
        } else {
            format!(
                "not drained: {} webhooks, {} events unpublished, behind: {}",
                drain.webhooks,
                drain.unpublished,
                drain.behind.join(", ")
            )
        };
        let invariants = invariants_holding.zip(*invariants_checked);
        let invariants = invariants.map_or_else(|| "not checked".to_owned(), |(holding, all)| format!("{holding}/{all}"));
        let broken = if broken.is_empty() { String::new() } else { format!(" (broken: {})", broken.join(", ")) };
        format!("parked {parked:+}, {lag}, invariants {invariants}{broken}")
    }

    fn times(&self) -> Table {
        let mut table = Table::new(&["LATENCY", ">COUNT", ">P50", ">P90", ">P95", ">P99", ">P99.9", ">MAX"]);
        for row in &self.latency {
            let times = [row.p50_us, row.p90_us, row.p95_us, row.p99_us, row.p999_us, row.max_us].map(shown);
            table.push([row.of.to_owned(), row.count.to_string()].into_iter().chain(times));
        }
        table
    }
}

impl Report for LoadReport {
    fn tables(&self) -> Vec<Table> {
        let proof = self.proof.iter().flat_map(Report::tables);
        [self.summary(), self.times()].into_iter().chain(proof).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people; counts are far below the limit of precision")]
fn sending(plan: &Plan, schedule: Schedule, lasted: Duration, counts: &Counts, interrupted: bool) -> Sending {
    let full = if interrupted { Duration::ZERO } else { plan.duration };
    let until = if interrupted { lasted.min(counts.last) } else { counts.last };
    let measured = until.saturating_sub(schedule.warm_up()).max(full).max(Duration::from_millis(1));
    let answered = counts.outcome(Outcome::Accepted) + counts.outcome(Outcome::Declined);
    Sending {
        intended_per_s: if let Pace::Open(rate) = plan.pace { Some(rate.per_second()) } else { None },
        planned: schedule.planned(),
        started: counts.started,
        completed: counts.completed,
        dropped: counts.dropped,
        answered_per_s: answered as f64 / measured.as_secs_f64(),
        queued: if matches!(plan.pace, Pace::Open(_)) { counts.backlog.count() } else { 0 },
        queued_p99_us: counts.backlog.p99_us(),
        overslept_p99_us: counts.oversleep.p99_us(),
    }
}

fn warnings(plan: &Plan, rate: &Sending, errors: u64, interrupted: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if interrupted {
        warnings.push("ended early; the figures are those of what was sent".to_owned());
    }
    if errors > 0 {
        warnings.push(format!("! {errors} requests went wrong; --max-errors makes that a failure"));
    }
    if Duration::from_micros(rate.overslept_p99_us) > LATE {
        let late = shown(rate.overslept_p99_us);
        warnings.push(format!("! the client is the bottleneck: it woke {late} late at its p99, so that the latencies are its own"));
    }
    if rate.queued > rate.started / 100 {
        let late = shown(rate.queued_p99_us);
        let busy = format!("! {} requests found all {} connections busy and were sent late (p99 {late})", rate.queued, plan.connections);
        warnings.push(format!("{busy}: the platform is slower than the rate, or --connections is too low"));
    }
    if rate.dropped > 0 {
        warnings.push(format!("! {} requests were too late to be sent at all", rate.dropped));
    }
    warnings
}

/// What has to hold whatever thresholds there are.
fn proven(proof: &AckedReport, counts: &Counts, after: &After) -> Vec<Check> {
    let is = |name, wanted: &str, found: String, holds| Check { name, wanted: wanted.to_owned(), found, holds };
    let acknowledged = proof.created + proof.paid + proof.cancelled;
    let different = counts.repeated.saturating_sub(counts.replayed);
    let delta = proof.money.iter().map(super::Conserved::delta).filter(|delta| *delta != 0).count();
    let missing: u64 =
        [Class::Lost, Class::Half, Class::Unbooked, Class::Waiting, Class::Parked].map(|class| proof.count(class)).iter().sum();
    let broken = after.invariants_broken.len();
    vec![
        is("acknowledged", "more than 0", acknowledged.to_string(), acknowledged > 0),
        is("missing", "0", missing.to_string(), missing == 0),
        is("corrupt", "0", proof.count(Class::Corrupt).to_string(), proof.count(Class::Corrupt) == 0),
        is("duplicates", "0", proof.count(Class::Duplicate).to_string(), proof.count(Class::Duplicate) == 0),
        is("accepted = events = ledger", "in every currency", format!("{delta} unequal"), delta == 0),
        is("replays that differ", "0", different.to_string(), different == 0),
        is("wrong answers", "0", counts.outcome(Outcome::Wrong).to_string(), counts.outcome(Outcome::Wrong) == 0),
        is("groups", "drained", if after.drain.drained { "drained" } else { "behind" }.to_owned(), after.drain.drained),
        is("broken invariants", "0", broken.to_string(), broken == 0),
    ]
}

fn latencies(counts: &Counts, all: &Spread, proof: Option<&AckedReport>) -> Vec<Latency> {
    let each = Op::ALL.into_iter().filter_map(|op| counts.ops.get(&op)?.latency.shown(op.as_str()));
    let to_books = proof.and_then(|proof| proof.to_books.shown("pay → booked"));
    all.shown("all").into_iter().chain(each).chain(to_books).chain(counts.service.shown("service time")).collect()
}

fn outcomes(counts: &Counts) -> BTreeMap<&'static str, u64> {
    counts.outcomes.iter().filter(|(_, count)| **count > 0).map(|(outcome, count)| (outcome.as_str(), *count)).collect()
}

fn known(plan: &Plan) -> Known {
    Known {
        version: env!("CARGO_PKG_VERSION"),
        id: plan.run.clone(),
        seed: plan.seed,
        mix: plan.mix.to_string(),
        connections: plan.connections,
        warm_up_s: plan.warm_up.as_secs_f64(),
        duration_s: plan.duration.as_secs_f64(),
        journal: plan.journal.display().to_string(),
    }
}

fn shown(micros: u64) -> String {
    millis(Duration::from_micros(micros))
}

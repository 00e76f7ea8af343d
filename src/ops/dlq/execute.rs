use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ops::group;
use crate::ops::{OpsError, Reader};
use crate::store::{DeskOrder, Noted, Outcome, PlanState, StoreError, Tx};

use super::judge;
use super::replay_report::{Ended, ReplayReport};
use super::{Desk, load};

/// How often rows are looked at: the group changes them in another process, which can wake nobody here.
const LOOK: Duration = Duration::from_millis(250);
/// A second's worth is sent at a time: the group looks no more often.
const SECOND: Duration = Duration::from_secs(1);

/// How an execution is ended early.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Cancelled: send nothing more, but follow what was sent.
    pub stop: CancellationToken,
    /// Cancelled: do not even follow.
    pub give_up: CancellationToken,
}

/// An execution under way.
struct Run<'a> {
    reader: &'a Reader,
    desk: &'a Desk,
    plan_id: &'a str,
    /// Who does it, and why.
    by: (&'a str, &'a str),
    /// How long nothing may happen before what was sent is left unconfirmed.
    patience: Duration,
    signals: &'a Signals,
    tell: &'a (dyn Fn(&str) + Sync),
    sent: i64,
    failed: i64,
    good: i64,
}

/// Why nothing more is sent.
enum Stop {
    Canary(String),
    Failures(String),
    Interrupted,
}

/// Executes a plan: its canary first, the rest at its rate, each followed until its effect is there. What was sent before is not
/// sent again, so that the same plan may be executed any number of times.
pub async fn execute(
    (reader, desk): (&Reader, &Desk),
    plan_id: &str,
    by: (&str, &str),
    patience: Duration,
    signals: &Signals,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<ReplayReport, OpsError> {
    let plan = load(reader, plan_id).await?;
    let positions = plan.unsent();
    if positions.is_empty() && plan.in_flight == 0 {
        tell("everything in this plan was sent before; nothing was sent again");
        return Ok(ReplayReport { ended: Ended::Finished, ..plan });
    }
    let patience = if is_alive(reader, &plan.group).await? {
        patience
    } else {
        tell(&format!("no member of {} is alive: what is marked is tried once one starts, and nothing waits for that here", plan.group));
        Duration::ZERO
    };
    let (actor, reason) = (by.0.to_owned(), by.1.to_owned());
    desk.carry_out(&DeskOrder::Begin { plan_id: plan_id.to_owned(), actor, reason }).await?;
    let mut run = Run { reader, desk, plan_id, by, patience, signals, tell, sent: 0, failed: 0, good: 0 };
    let stopped = run.all(&plan, &positions).await?;
    let (state, note, ended) = match stopped {
        None => (PlanState::Done, None, Ended::Finished),
        Some(Stop::Canary(why)) => (PlanState::Stopped, Some(format!("stopped at the canary: {why}")), Ended::Stopped),
        Some(Stop::Failures(why)) => (PlanState::Stopped, Some(format!("stopped by failures: {why}")), Ended::Stopped),
        Some(Stop::Interrupted) => (PlanState::Stopped, Some("interrupted".to_owned()), Ended::Interrupted),
    };
    desk.carry_out(&DeskOrder::Note { plan_id: plan_id.to_owned(), outcomes: Vec::new(), state, note }).await?;
    Ok(ReplayReport { ended, ..load(reader, plan_id).await? })
}

async fn is_alive(reader: &Reader, short: &str) -> Result<bool, OpsError> {
    let group = format!("payctl.{short}");
    let reading = async move |tx: &mut Tx| {
        let now = tx.now();
        Ok::<_, StoreError>(group::members(tx).await?.get(&group).map_or(0, |members| members.alive(now)))
    };
    Ok(reader.store.read(reading).await? > 0)
}

impl Run<'_> {
    async fn all(&mut self, plan: &ReplayReport, positions: &[i64]) -> Result<Option<Stop>, OpsError> {
        let canary = usize::try_from(plan.canary).unwrap_or(0);
        let mut rest = positions;
        // What somebody else has closed meanwhile is no canary: the next one is.
        while canary > 0 && self.sent == 0 && !rest.is_empty() && !self.signals.stop.is_cancelled() {
            let (first, others) = rest.split_at(canary.min(rest.len()));
            self.send(first).await?;
            rest = others;
        }
        if self.sent > 0 {
            (self.tell)(&format!("canary of {} is sent; the rest waits for it", self.sent));
            let left = self.follow().await?;
            if self.signals.stop.is_cancelled() {
                return Ok(Some(Stop::Interrupted));
            }
            if self.failed > 0 || left > 0 {
                let why = format!("{} of {} came back, {left} are not confirmed", self.failed, self.sent);
                return Ok(Some(Stop::Canary(why)));
            }
        }
        let slice = usize::try_from(plan.rate).unwrap_or(1).max(1);
        for positions in rest.chunks(slice) {
            if self.signals.stop.is_cancelled() {
                break;
            }
            let started = Instant::now();
            self.send(positions).await?;
            self.look().await?;
            if self.failed * 100 > plan.stop_on_fail * self.sent {
                let why = format!("{} of {} came back, more than {} %", self.failed, self.sent, plan.stop_on_fail);
                self.follow().await?;
                return Ok(Some(Stop::Failures(why)));
            }
            if rest.len() > slice {
                tokio::select! {
                    () = self.signals.stop.cancelled() => {}
                    () = tokio::time::sleep_until(started + SECOND) => {}
                }
            }
        }
        self.follow().await?;
        Ok(self.signals.stop.is_cancelled().then_some(Stop::Interrupted))
    }

    async fn send(&mut self, positions: &[i64]) -> Result<(), OpsError> {
        let (plan_id, positions) = (self.plan_id.to_owned(), positions.to_vec());
        let (actor, reason) = (self.by.0.to_owned(), self.by.1.to_owned());
        let answer = self.desk.carry_out(&DeskOrder::Send { plan_id, positions, actor, reason }).await?;
        self.sent += i64::try_from(answer.changed.len()).unwrap_or(i64::MAX);
        Ok(())
    }

    /// Notes what has become of what was sent; how much of it is still under way, and whether anything was new.
    async fn look(&mut self) -> Result<(usize, bool), OpsError> {
        let plan_id = self.plan_id.to_owned();
        let reading = async move |tx: &mut Tx| {
            let sent = judge::in_flight(tx, &plan_id).await?;
            Ok::<_, StoreError>((sent.len(), judge::judged(tx, &sent).await?))
        };
        let (under_way, outcomes): (usize, Vec<Noted>) = self.reader.store.read(reading).await?;
        let left = under_way.saturating_sub(outcomes.len());
        if outcomes.is_empty() {
            return Ok((left, false));
        }
        let count =
            |wanted: fn(Outcome) -> bool| i64::try_from(outcomes.iter().filter(|noted| wanted(noted.outcome)).count()).unwrap_or(i64::MAX);
        self.failed += count(|outcome| outcome == Outcome::FailedAgain);
        self.good += count(|outcome| outcome != Outcome::FailedAgain);
        let note = DeskOrder::Note { plan_id: self.plan_id.to_owned(), outcomes, state: PlanState::Running, note: None };
        self.desk.carry_out(&note).await?;
        Ok((left, true))
    }

    /// Looks until nothing is under way, or nothing has happened for too long; how much is left.
    async fn follow(&mut self) -> Result<usize, OpsError> {
        let mut moved = Instant::now();
        loop {
            let (left, is_new) = self.look().await?;
            if is_new {
                moved = Instant::now();
                (self.tell)(&format!("{} verified or closed, {} came back, {left} under way", self.good, self.failed));
            }
            if left == 0 || moved.elapsed() >= self.patience || self.signals.give_up.is_cancelled() {
                return Ok(left);
            }
            tokio::select! {
                () = self.signals.give_up.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

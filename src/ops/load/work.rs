use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Ambient;
use crate::domain::Timestamp;

use super::connection::{Answer, Connection};
use super::endpoint::Endpoint;
use super::history::{History, Lateness, Times};
use super::journal::{OnDisk, Recorder};
use super::judge::{self, Judged, Outcome};
use super::line::{Acked, Line};
use super::pool::{Answered, Pool};
use super::request::Request;
use super::schedule::Schedule;
use super::subject::{Subject, Target, Wish};
use super::{LoadError, Mix, Op};

/// A request later than this is counted and not sent, so that a platform that stands still cannot make the run endless.
const MAX_LATE: Duration = Duration::from_secs(10);

/// In the closed model a platform that is gone is asked again after this, since nothing else would hold a worker back.
const PAUSE: Duration = Duration::from_millis(50);

/// What the workers of a run share.
pub(super) struct Work {
    pub(super) subject: Subject,
    pub(super) schedule: Schedule,
    pub(super) mix: Mix,
    /// Of a hundred creates and webhooks, how many repeat an earlier one.
    pub(super) duplicates: u8,
    pub(super) history: Arc<History>,
    pub(super) recorder: Recorder,
    pub(super) ambient: Ambient,
    pub(super) started: Instant,
    /// The same moment on the clock that the platform's rows are dated by.
    pub(super) started_at: Timestamp,
    /// Cancelled when no more requests should be sent.
    pub(super) stop: CancellationToken,
    /// The number of the next request.
    pub(super) next: AtomicU64,
}

/// One request, chosen.
enum Task {
    Create { wish: Wish },
    Query(Target),
    Cancel(Target),
    Pay(Target),
    Repeat(Answered),
}

impl Task {
    const fn op(&self) -> Op {
        match self {
            Self::Create { .. } | Self::Repeat(Answered::Create { .. }) => Op::Create,
            Self::Query(_) => Op::Query,
            Self::Cancel(_) => Op::Cancel,
            Self::Pay(_) | Self::Repeat(Answered::Pay { .. }) => Op::Pay,
        }
    }
}

impl Work {
    /// Sends request after request over one connection, until none is left. A worker takes one request, waits for its time,
    /// and takes the next after the answer: as many are in flight as there are workers, and nothing queues but numbers.
    pub(super) async fn run(&self, endpoint: Arc<Endpoint>) -> Result<(), LoadError> {
        let mut connection = Connection::new(endpoint);
        while !self.stop.is_cancelled() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let taken = self.started.elapsed();
            let Some(due) = self.schedule.due(number, taken) else { break };
            if due > taken {
                tokio::select! {
                    () = tokio::time::sleep_until(self.started + due) => {}
                    () = self.stop.cancelled() => break,
                }
            }
            let sent = self.started.elapsed();
            let late = sent.saturating_sub(due);
            let measured = self.schedule.is_measured(due);
            if late > MAX_LATE {
                self.history.lock().dropped += u64::from(measured);
                continue;
            }
            if measured {
                self.history.started(if due > taken { Lateness::Overslept(late) } else { Lateness::Queued(late) });
            }
            let outcome = self.request(&mut connection, number, Times { due, sent, answered: sent, measured }).await?;
            if outcome == Outcome::Transport && self.schedule.is_closed() {
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = self.stop.cancelled() => break,
                }
            }
        }
        Ok(())
    }

    async fn request(&self, connection: &mut Connection, number: u64, mut times: Times) -> Result<Outcome, LoadError> {
        let task = self.choose(number);
        let op = task.op();
        if op != Op::Query {
            self.recorder.record(Line::Invoke { id: number, op }, None).await?;
        }
        let answered = connection.send(&self.wire(number, &task)).await;
        times.answered = self.started.elapsed();
        let (judged, line, then) = match answered {
            Err(why) => (judge::unanswered(why), None, None),
            Ok(answer) => self.judge(number, &task, &answer, times),
        };
        self.history.ended(op, &judged, times);
        let line = line.or_else(|| unacknowledged(number, op, &judged));
        match line {
            Some(line) => self.recorder.record(line, then).await?,
            None if judged.outcome == Outcome::Accepted => self.history.acknowledged(op, times.measured),
            None => {}
        }
        Ok(judged.outcome)
    }

    /// What request `number` is about; where nothing is there yet to be asked for, cancelled or paid, it creates.
    fn choose(&self, number: u64) -> Task {
        let (op, draw) = (self.mix.pick(self.subject.op_draw(number)), self.subject.target_draw(number));
        let pool = &mut self.history.lock().pool;
        if matches!(op, Op::Create | Op::Pay)
            && self.subject.repeats(number, self.duplicates)
            && let Some(answered) = pool.take_answered(draw)
        {
            return Task::Repeat(answered);
        }
        let chosen = match op {
            Op::Create => None,
            Op::Query => pool.known(draw).map(Task::Query),
            Op::Cancel => pool.take_open(draw).map(Task::Cancel),
            Op::Pay => pool.take_open(draw).map(Task::Pay),
        };
        chosen.unwrap_or_else(|| Task::Create { wish: self.subject.wish(number) })
    }

    fn wire(&self, number: u64, task: &Task) -> Request {
        match task {
            Task::Create { .. } => self.subject.create(number).1,
            Task::Query(target) => self.subject.query(target),
            Task::Cancel(target) => self.subject.cancel(target),
            Task::Pay(target) => self.subject.pay(number, target, self.ambient.now()),
            Task::Repeat(Answered::Create { number, .. }) => self.subject.create(*number).1,
            Task::Repeat(Answered::Pay { number, target }) => self.subject.pay(*number, target, self.ambient.now()),
        }
    }

    /// What an answer means, the line that keeps it, and what follows once that is on disk.
    fn judge(&self, number: u64, task: &Task, answer: &Answer, times: Times) -> (Judged, Option<Line>, Option<OnDisk>) {
        let (op, measured) = (task.op(), times.measured);
        if let Task::Repeat(first) = task {
            return self.judge_repeat(number, first, answer, times);
        }
        if let Some(refusal) = judge::refusal(op, answer) {
            return (refusal, None, None);
        }
        let target = match task {
            Task::Create { wish } => judge::created(wish, self.subject.merchant_id, answer).map(|told| Target {
                payment_no: told.payment_no,
                amount: wish.amount,
                currency: wish.currency,
            }),
            Task::Query(target) => judge::shown(target, None, answer).map(|_| target.clone()),
            Task::Cancel(target) => judge::shown(target, Some("cancelled"), answer).map(|_| target.clone()),
            Task::Pay(target) | Task::Repeat(Answered::Create { target, .. } | Answered::Pay { target, .. }) => Ok(target.clone()),
        };
        let target = match target {
            Ok(target) => target,
            Err(wrong) => return (wrong, None, None),
        };
        let accepted = Judged::accepted(answer.status);
        if op == Op::Query {
            return (accepted, None, None);
        }
        let order_no = if let Task::Create { wish } = task { Some(wish.order_no.clone()) } else { None };
        let line = Line::Ok(Acked { order_no, due_us: self.due_us(times), ..self.acked(number, op, &target) });
        let repeatable = match op {
            Op::Create if self.duplicates > 0 => {
                Some(Answered::Create { number, digest: Sha256::digest(&answer.body).into(), target: target.clone() })
            }
            Op::Pay if self.duplicates > 0 => Some(Answered::Pay { number, target: target.clone() }),
            _ => None,
        };
        let opened = (op == Op::Create).then_some(target);
        (accepted, Some(line), Some(self.once_on_disk(op, measured, opened, repeatable)))
    }

    /// A repetition has to be answered as the first time, and to do nothing.
    fn judge_repeat(&self, number: u64, first: &Answered, answer: &Answer, times: Times) -> (Judged, Option<Line>, Option<OnDisk>) {
        let (op, target, is_same) = match first {
            Answered::Create { digest, target, .. } => {
                let same = answer.replayed && <[u8; 32]>::from(Sha256::digest(&answer.body)) == *digest;
                (Op::Create, target, same && answer.status == 201)
            }
            Answered::Pay { target, .. } => (Op::Pay, target, answer.status == 200),
        };
        let measured = times.measured;
        if measured {
            let mut counts = self.history.lock();
            counts.repeated += 1;
            counts.replayed += u64::from(is_same);
        }
        if is_same {
            let line = Line::Ok(Acked { repeated: true, ..self.acked(number, op, target) });
            return (Judged::accepted(answer.status), Some(line), Some(self.once_on_disk(op, measured, None, Some(first.clone()))));
        }
        let judged = judge::refusal(op, answer);
        (judged.unwrap_or_else(|| Judged::wrong(answer.status, "another answer to the same Idempotency-Key")), None, None)
    }

    fn acked(&self, id: u64, op: Op, target: &Target) -> Acked {
        Acked {
            id,
            op,
            payment_no: target.payment_no.clone(),
            order_no: None,
            merchant_id: self.subject.merchant_id,
            amount: target.amount,
            currency: target.currency,
            due_us: None,
            repeated: false,
        }
    }

    fn due_us(&self, times: Times) -> Option<i64> {
        let after = i64::try_from(times.due.as_micros()).ok().filter(|_| times.measured)?;
        self.started_at.timestamp_micros().checked_add(after)
    }

    fn once_on_disk(&self, op: Op, measured: bool, opened: Option<Target>, repeatable: Option<Answered>) -> OnDisk {
        let history = Arc::clone(&self.history);
        Box::new(move || {
            history.acknowledged(op, measured);
            let pool: &mut Pool = &mut history.lock().pool;
            if let Some(target) = opened {
                pool.created(target);
            }
            if let Some(answered) = repeatable {
                pool.answered(answered);
            }
        })
    }
}

/// The line of a request that was not acknowledged; a query has none.
fn unacknowledged(id: u64, op: Op, judged: &Judged) -> Option<Line> {
    let what = judged.what.clone();
    match judged.outcome {
        _ if op == Op::Query => None,
        Outcome::Declined | Outcome::Rejected => Some(Line::Fail { id, op, status: judged.status, error: what }),
        // A request that never left did nothing, but to say so would take more trust in the client than a proof should.
        _ => Some(Line::Info { id, op, reason: what }),
    }
}

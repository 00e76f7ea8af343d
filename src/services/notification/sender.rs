use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Ambient;
use crate::services::ServiceContext;
use crate::store::{Class, Store, StoreError};
use crate::telemetry::{self, MAILS_FAILED, MAILS_SENT};

use super::backoff::delay_after;
use super::flight::{deliver, origin_of};
use super::line::Line;
use super::mailer::{LONGEST_TRY, SendError};
use super::post::Post;
use super::store::{self, Exchanged, LEASE, Letter, Outcome, Verdict};

/// How long a leased letter may wait for its turn: what comes later could outlive its lease.
const LONGEST_WAIT: Duration = LEASE.saturating_sub(LONGEST_TRY).saturating_sub(Duration::from_secs(5));
/// After this long without mail, sessions are closed.
const REST_AFTER: Duration = Duration::from_secs(5);
/// How long mails under way are waited for at the end; what takes longer may have been taken and comes again.
const GRACE: Duration = Duration::from_secs(3);
/// Before the database is asked again after it failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Sends what is due, several mails at a time, outside any transaction.
///
/// It never polls: it sleeps until a batch was committed or the next row is due. Results are recorded and new rows leased
/// in one transaction, and what ends while that runs shares the next.
pub(super) struct Sender {
    store: Store,
    ambient: Ambient,
    post: Post,
    wake: Arc<Notify>,
    /// Names this sender in its leases.
    owner: Arc<str>,
}

/// A letter under way, with its result.
type Flight = BoxFuture<'static, (Letter, Result<(), SendError>)>;
/// A transaction under way, with the outcomes that it records.
type Exchange = BoxFuture<'static, (Arc<Vec<Outcome>>, Instant, Result<Exchanged, StoreError>)>;

/// What the sender has in hand.
struct Desk {
    line: Line,
    /// Leased and not started, with the time of their lease.
    waiting: VecDeque<(Instant, Letter)>,
    flights: FuturesUnordered<Flight>,
    /// Everything that is leased and not yet recorded.
    in_hand: HashSet<Uuid>,
    outcomes: Vec<Outcome>,
    exchange: Option<Exchange>,
    /// When to look for due rows; `None` until something is committed.
    look_at: Option<Instant>,
    /// The database failed: it is left alone until then.
    store_pause: Option<Instant>,
    last_busy: Instant,
    rested: bool,
}

impl Sender {
    pub(super) fn new(context: &ServiceContext, post: Post, wake: Arc<Notify>) -> Self {
        let owner = format!("sender-{}", context.ambient.uuid()).into();
        Self { store: context.store.clone(), ambient: context.ambient.clone(), post, wake, owner }
    }

    /// Sends until it is told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut desk = Desk::new(Instant::now());
        loop {
            let now = Instant::now();
            let pause_ends = desk.line.refresh(now);
            desk.store_pause = desk.store_pause.filter(|pause| *pause > now);
            self.start_flights(&mut desk);
            self.start_exchange(&mut desk, now);
            let idle = desk.flights.is_empty() && desk.waiting.is_empty() && !desk.rested;
            // What is due already waits for room, and room comes with one of the others.
            let look_at = desk.look_at.filter(|look_at| *look_at > now);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some((letter, result)) = desk.flights.next(), if !desk.flights.is_empty() => self.landed(&mut desk, &letter, result),
                answer = under_way(&mut desk.exchange), if desk.exchange.is_some() => desk.exchanged(answer),
                () = self.wake.notified() => desk.look_at = Some(Instant::now()),
                () = at(look_at) => {}
                () = at(pause_ends) => {}
                () = at(desk.store_pause) => {}
                () = sleep_until(desk.last_busy + REST_AFTER), if idle => {
                    self.post.mailer.rest().await;
                    desk.rested = true;
                }
            }
        }
        self.finish(desk).await;
    }

    /// Starts letters while there is room; gives back those that have waited too long, or all when nobody takes them.
    fn start_flights(&self, desk: &mut Desk) {
        let capacity = desk.line.capacity(self.post.mailer.slots());
        while capacity == 0 || desk.flights.len() < capacity {
            let Some((leased_at, letter)) = desk.waiting.pop_front() else { break };
            if capacity == 0 || leased_at.elapsed() > LONGEST_WAIT {
                desk.outcomes.push(Outcome { notification_id: letter.notification_id, verdict: Verdict::Released });
                continue;
            }
            let (post, ambient) = (self.post.clone(), self.ambient.clone());
            desk.flights.push(Box::pin(async move {
                let result = AssertUnwindSafe(deliver(&post, &letter, &ambient)).catch_unwind().await;
                let panicked = |_| Err(SendError::Unsendable("panicked".to_owned()));
                (letter, result.unwrap_or_else(panicked))
            }));
        }
    }

    /// Starts a transaction when there is something to record, or rows are due and there is room for them.
    fn start_exchange(&self, desk: &mut Desk, now: Instant) {
        if desk.exchange.is_some() || desk.store_pause.is_some() {
            return;
        }
        let due = desk.look_at.is_some_and(|look_at| look_at <= now);
        let capacity = desk.line.capacity(self.post.mailer.slots());
        // Letters for the next flights are leased while the present ones are in the air.
        let wanted = if capacity > 1 { capacity * 2 } else { capacity };
        let room = if due { wanted.saturating_sub(desk.flights.len() + desk.waiting.len()) } else { 0 };
        if desk.outcomes.is_empty() && room == 0 {
            return;
        }
        let outcomes = Arc::new(std::mem::take(&mut desk.outcomes));
        desk.look_at = if room > 0 { None } else { desk.look_at };
        desk.exchange = Some(self.exchange(outcomes, room));
    }

    fn exchange(&self, outcomes: Arc<Vec<Outcome>>, room: usize) -> Exchange {
        let (store, owner, room) = (self.store.clone(), Arc::clone(&self.owner), i64::try_from(room).unwrap_or(i64::MAX));
        let asked_at = Instant::now();
        Box::pin(async move {
            let told = Arc::clone(&outcomes);
            let result = store.write(Class::Background, async move |tx| store::exchange(tx, &owner, &told, room).await).await;
            (outcomes, asked_at, result)
        })
    }

    /// Turns a result into an outcome; results that are there already share its transaction.
    fn landed(&self, desk: &mut Desk, letter: &Letter, result: Result<(), SendError>) {
        self.judge(desk, letter, result);
        while let Some(Some((letter, result))) = desk.flights.next().now_or_never() {
            self.judge(desk, &letter, result);
        }
        desk.last_busy = Instant::now();
        desk.rested = false;
    }

    fn judge(&self, desk: &mut Desk, letter: &Letter, result: Result<(), SendError>) {
        let by_mail = letter.channel == "email";
        if by_mail && matches!(result, Ok(()) | Err(SendError::Refused { .. })) && desk.line.answered() {
            tracing::info!("mails go out again");
        }
        let verdict = match result {
            Ok(()) => Verdict::Sent,
            Err(SendError::Unreachable(reason)) => {
                if desk.line.lost(Instant::now(), self.ambient.random_u64()) {
                    tracing::warn!(error = reason, "mails wait: there is nobody to give them to");
                }
                Verdict::Unreachable(reason)
            }
            Err(SendError::Refused { permanent, reason }) => match delay_after(letter.refusals + 1, permanent, self.ambient.random_u64()) {
                Some(delay) => Verdict::Refused(reason, delay),
                None => Verdict::Failed(reason),
            },
            Err(SendError::Unsendable(reason)) => Verdict::Failed(reason),
        };
        if let Verdict::Failed(reason) = &verdict {
            let id = letter.notification_id;
            let tell = || tracing::warn!(notification.id = %id, template = letter.template, error = reason, "mail given up");
            match origin_of(letter) {
                Some(origin) => telemetry::within_sync(origin, tell),
                None => tell(),
            }
        }
        match &verdict {
            Verdict::Sent => telemetry::count(&MAILS_SENT, &[("channel", &letter.channel)], 1),
            other => telemetry::count(&MAILS_FAILED, &[("channel", &letter.channel), ("outcome", other.name())], 1),
        }
        desk.outcomes.push(Outcome { notification_id: letter.notification_id, verdict });
    }

    /// Waits a little for what is under way, gives back the rest, and records everything.
    async fn finish(self, mut desk: Desk) {
        let deadline = Instant::now() + GRACE;
        if let Some(running) = desk.exchange.take()
            && let Ok(answer) = timeout_at(deadline, running).await
        {
            desk.exchanged(answer);
        }
        while let Ok(Some((letter, result))) = timeout_at(deadline, desk.flights.next()).await {
            self.judge(&mut desk, &letter, result);
        }
        let released = desk.waiting.drain(..).map(|(_, letter)| letter.notification_id);
        desk.outcomes.extend(released.map(|notification_id| Outcome { notification_id, verdict: Verdict::Released }));
        if !desk.outcomes.is_empty()
            && let (_, _, Err(error)) = self.exchange(Arc::new(desk.outcomes), 0).await
        {
            tracing::warn!(error = %error, "results of the last mails were not recorded; they are sent again");
        }
        self.post.mailer.rest().await;
    }
}

impl Desk {
    fn new(now: Instant) -> Self {
        Self {
            line: Line::Up,
            waiting: VecDeque::new(),
            flights: FuturesUnordered::new(),
            in_hand: HashSet::new(),
            outcomes: Vec::new(),
            exchange: None,
            look_at: Some(now),
            store_pause: None,
            last_busy: now,
            rested: true,
        }
    }

    /// Takes what a transaction has leased; one that failed leaves its outcomes for the next.
    fn exchanged(&mut self, (recorded, asked_at, result): (Arc<Vec<Outcome>>, Instant, Result<Exchanged, StoreError>)) {
        self.exchange = None;
        let now = Instant::now();
        let exchanged = match result {
            Ok(exchanged) => exchanged,
            Err(error) => {
                tracing::warn!(error = %error, "mails wait: the database cannot be asked");
                self.outcomes.extend(recorded.iter().cloned());
                self.store_pause = Some(now + STORE_PAUSE);
                self.look_at = Some(now);
                return;
            }
        };
        for outcome in recorded.iter() {
            self.in_hand.remove(&outcome.notification_id);
        }
        // After a leap of the clock a lease may seem over while its mail is still under way.
        let taken = exchanged.letters.into_iter().filter(|letter| self.in_hand.insert(letter.notification_id));
        self.waiting.extend(taken.map(|letter| (asked_at, letter)));
        let next = exchanged.next_in.map(|wait| now + wait);
        self.look_at = [self.look_at, next].into_iter().flatten().min();
    }
}

/// Resolves when the transaction is done, and never when there is none.
async fn under_way(exchange: &mut Option<Exchange>) -> <Exchange as Future>::Output {
    match exchange {
        Some(exchange) => exchange.await,
        None => std::future::pending().await,
    }
}

/// Resolves at that moment, and never when there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{StoreError, Tx};

/// How long the first reader waits for the others to be free; whoever comes later is not needed.
const GATHERING: Duration = Duration::from_millis(100);
/// How long anybody waits for the others to do their part, each of which is a statement or two.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often several connections try to begin between two commits of a busy platform, before one of them does it alone.
const ROUNDS: u32 = 200;

/// Where readers on several connections agree on one moment. They block their threads, which are their own, and not their futures.
pub(super) struct Meeting {
    state: Mutex<State>,
    changed: Condvar,
    /// How many followers are expected.
    expected: usize,
}

#[derive(Default)]
struct State {
    present: usize,
    /// Whether it is too late to come.
    closed: bool,
    round: u32,
    /// The moment of this round, on a server that gives it a name.
    moment: Option<String>,
    /// Followers that have begun in this round.
    begun: usize,
    verdict: Option<Verdict>,
}

/// How a round ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// All see the same moment.
    Same,
    /// Something was committed meanwhile.
    Again,
    /// The leader goes on by itself.
    Alone,
}

impl Meeting {
    pub(super) fn new(expected: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Condvar::new(), expected })
    }

    /// Makes this transaction see the moment that all of them see.
    pub(super) async fn lead(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let followers = match self.gather() {
            // It lost its connection and runs again: the moment of those who follow it is gone for this one.
            None if self.lock().verdict == Some(Verdict::Same) => {
                return Err(StoreError::Unavailable("the connection to the database was lost".to_owned()));
            }
            None | Some(0) => return Ok(()),
            Some(followers) => followers,
        };
        let led =
            if tx.engine.server().is_some() { self.lead_server(tx, followers).await } else { self.lead_embedded(tx, followers).await };
        if led.is_err() {
            self.tell(Verdict::Alone);
        }
        led
    }

    async fn lead_server(&self, tx: &mut Tx, followers: usize) -> Result<(), StoreError> {
        let row = tx.query_one("SELECT pg_export_snapshot()", &[]).await?.ok_or(StoreError::Column(0))?;
        let all = self.call(Some(row.get(0)?), followers);
        self.tell(if all { Verdict::Same } else { Verdict::Alone });
        Ok(())
    }

    /// Whoever asks twice for the version of the data, and the second time inside of a snapshot, knows that nobody has committed
    /// in between, and so that all snapshots that were begun in between are this one.
    async fn lead_embedded(&self, tx: &mut Tx, followers: usize) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            tx.engine.batch("ROLLBACK")?;
            let before = version(tx).await?;
            let all = self.call(None, followers);
            tx.engine.batch("BEGIN")?;
            let is_same = before == version(tx).await?;
            let verdict = if !all {
                Verdict::Alone
            } else if is_same {
                Verdict::Same
            } else {
                Verdict::Again
            };
            self.tell(verdict);
            if verdict != Verdict::Again {
                return Ok(());
            }
        }
        self.tell(Verdict::Alone);
        Ok(())
    }

    /// Begins at the leader's moment; `false` where it goes on without this one.
    pub(super) async fn follow(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        if !self.come() {
            return Ok(false);
        }
        let mut seen = 0;
        while let Some((round, moment)) = self.called(seen) {
            seen = round;
            let begun = begin(tx, moment.as_deref()).await;
            let verdict = self.begun(round);
            begun?;
            match verdict {
                Verdict::Same => return Ok(true),
                Verdict::Again => {}
                Verdict::Alone => break,
            }
        }
        Ok(false)
    }

    /// Waits for the followers and closes the door behind them; how many have come, or that it was closed already.
    fn gather(&self) -> Option<usize> {
        let state = self.lock();
        if state.closed {
            return None;
        }
        let mut state = self.wait(state, GATHERING, |state| state.present < self.expected);
        state.closed = true;
        Some(state.present)
    }

    fn come(&self) -> bool {
        let mut state = self.lock();
        if state.closed {
            return false;
        }
        state.present += 1;
        drop(state);
        self.changed.notify_all();
        true
    }

    /// Opens a round and waits until every follower has begun; whether they all have.
    fn call(&self, moment: Option<String>, followers: usize) -> bool {
        let mut state = self.lock();
        *state = State { present: followers, closed: true, round: state.round + 1, moment, begun: 0, verdict: None };
        self.changed.notify_all();
        self.wait(state, PATIENCE, |state| state.begun < followers).begun >= followers
    }

    /// Waits for a round after `seen`.
    fn called(&self, seen: u32) -> Option<(u32, Option<String>)> {
        let state = self.wait(self.lock(), PATIENCE, |state| state.round <= seen && state.verdict != Some(Verdict::Alone));
        (state.round > seen).then(|| (state.round, state.moment.clone()))
    }

    /// Says that this follower has begun, well or not, and waits for how the round ended.
    fn begun(&self, round: u32) -> Verdict {
        let mut state = self.lock();
        state.begun += 1;
        self.changed.notify_all();
        let state = self.wait(state, PATIENCE, |state| state.round == round && state.verdict.is_none());
        // Where the next round is open already, the verdict on this one can only have been to try again.
        if state.round == round { state.verdict.unwrap_or(Verdict::Alone) } else { Verdict::Again }
    }

    fn tell(&self, verdict: Verdict) {
        self.lock().verdict = Some(verdict);
        self.changed.notify_all();
    }

    fn wait<'a>(&'a self, state: MutexGuard<'a, State>, most: Duration, until: impl FnMut(&mut State) -> bool) -> MutexGuard<'a, State> {
        self.changed.wait_timeout_while(state, most, until).unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which commit the connection sees; another number means that somebody else has committed.
async fn version(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.query_one("PRAGMA data_version", &[]).await?.map_or(Err(StoreError::Column(0)), |row| row.get(0))
}

/// Begins a snapshot: at the named moment, or now.
async fn begin(tx: &mut Tx, moment: Option<&str>) -> Result<(), StoreError> {
    if let Some(moment) = moment {
        // The server's own word, which cannot be a parameter.
        return tx.execute(&format!("SET TRANSACTION SNAPSHOT '{}'", moment.replace('\'', "")), &[]).await.map(|_| ());
    }
    tx.engine.batch("ROLLBACK")?;
    tx.engine.batch("BEGIN")?;
    // Only the first statement that reads takes the snapshot.
    version(tx).await.map(|_| ())
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::store::{Row, See, Set, SetRows, StoreError, Value};

use super::bind::Bound;
use super::connector::Connector;
use super::error::{Trouble, from_commit, from_postgres};
use super::link::{Answer, Failure, Link};

/// The longest pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// For a COMMIT or a ROLLBACK to be answered.
const END: Duration = Duration::from_secs(30);

/// A connection that comes back by itself, and the transaction on it.
pub(in crate::store) struct Session {
    connector: Connector,
    link: Option<Link>,
    /// The statement that opens the next transaction; it goes out with the first statement of the job.
    begin: &'static str,
    is_open: bool,
    /// What the last failed statement of this transaction means.
    trouble: Option<Trouble>,
    /// Whether the job waits for the server just now: for anything else it must not wait.
    waiting: Arc<AtomicBool>,
    retry: Retry,
}

/// When connecting is tried again, after it has failed.
struct Retry {
    pause: Duration,
    failed: Option<(Instant, StoreError)>,
}

/// Says for as long as it lives that the server is being waited for.
struct Waiting(Arc<AtomicBool>);

impl Waiting {
    fn new(flag: &Arc<AtomicBool>) -> Self {
        flag.store(true, Ordering::Relaxed);
        Self(Arc::clone(flag))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Session {
    pub(super) fn new(connector: Connector) -> Self {
        let retry = Retry { pause: FIRST_PAUSE, failed: None };
        Self { connector, link: None, begin: "BEGIN", is_open: false, trouble: None, waiting: Arc::default(), retry }
    }

    /// Makes it ready for a job, connecting where that is needed. While the server does not answer, jobs fail at once.
    pub(super) async fn ready(&mut self, begin: &'static str) -> Result<(), StoreError> {
        self.begin = begin;
        self.trouble = None;
        if self.link.as_ref().is_some_and(|link| !link.is_closed() && !self.is_open) {
            return Ok(());
        }
        self.drop_link();
        if let Some((at, error)) = &self.retry.failed
            && at.elapsed() < self.retry.pause
        {
            return Err(error.clone());
        }
        match self.connector.connect().await {
            Ok(client) => {
                self.link = Some(Link::new(client));
                self.retry = Retry { pause: FIRST_PAUSE, failed: None };
                Ok(())
            }
            Err(error) => {
                let pause = if self.retry.failed.is_some() { self.retry.pause * 2 } else { FIRST_PAUSE };
                self.retry = Retry { pause: pause.min(MAX_PAUSE), failed: Some((Instant::now(), error.clone())) };
                Err(error)
            }
        }
    }

    /// Gives the connection up: what it was doing is rolled back by the server, or has been committed.
    pub(super) fn drop_link(&mut self) {
        self.link = None;
        self.is_open = false;
    }

    pub(super) fn waiting(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.waiting)
    }

    pub(super) const fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        let Some(link) = self.link.as_ref().filter(|_| self.is_open) else { return Ok(()) };
        let done = tokio::time::timeout(END, link.batch("COMMIT")).await;
        self.is_open = false;
        let (error, trouble) = match done {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => from_commit(&error),
            Err(_) => (StoreError::UnknownOutcome(format!("no answer within {} s", END.as_secs())), Trouble::Lost),
        };
        self.trouble = Some(trouble);
        if trouble == Trouble::Lost {
            self.drop_link();
        }
        Err(error)
    }

    pub(super) async fn rollback(&mut self) {
        let Some(link) = self.link.as_ref().filter(|_| self.is_open) else { return };
        if matches!(tokio::time::timeout(END, link.batch("ROLLBACK")).await, Ok(Ok(()))) {
            self.is_open = false;
        } else {
            self.drop_link();
        }
    }

    pub(in crate::store) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(self.run(sql, params, None).await?.changed)
    }

    pub(in crate::store) async fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(sql, params, None).await?.rows)
    }

    pub(in crate::store) async fn scan(&mut self, sql: &str, params: &[Value<'_>], see: See<'_>) -> Result<(), StoreError> {
        self.run(sql, params, Some(see)).await.map(drop)
    }

    pub(in crate::store) async fn execute_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<u64, StoreError> {
        Ok(self.run_set(set, rows).await?.changed)
    }

    pub(in crate::store) async fn query_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<Vec<Row>, StoreError> {
        Ok(self.run_set(set, rows).await?.rows)
    }

    /// Runs statements over sets behind each other; all leave before the first is answered.
    pub(in crate::store) async fn query_sets(&mut self, sets: &[SetRows<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        let sets: Vec<_> = sets.iter().map(|(set, rows)| (*set, rows.as_slice())).collect();
        Ok(self.run_sets(&sets).await?.into_iter().map(|answer| answer.rows).collect())
    }

    /// Runs one statement; its rows are in the answer, unless `see` is shown them.
    async fn run(&mut self, sql: &str, params: &[Value<'_>], see: Option<See<'_>>) -> Result<Answer, StoreError> {
        if self.trouble.is_some() {
            return Err(StoreError::WentOn);
        }
        let _waiting = Waiting::new(&self.waiting);
        let begin = self.opening();
        let link = self.link.as_mut().ok_or_else(no_connection)?;
        let done = match link.prepared(sql).await {
            Ok(statement) => {
                self.is_open = true;
                let params = params.iter().map(Bound).collect();
                match see {
                    Some(see) => link.scan(begin, &statement, params, see).await,
                    None => link.run(begin, &statement, params).await,
                }
            }
            Err(error) => Err(error.into()),
        };
        self.noted(done)
    }

    async fn run_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<Answer, StoreError> {
        Ok(self.run_sets(&[(set, rows)]).await?.pop().unwrap_or_default())
    }

    /// Nothing is sent for a set without rows, and so not even the transaction's beginning where no set has any.
    async fn run_sets(&mut self, sets: &[(&Set, &[Vec<Value<'_>>])]) -> Result<Vec<Answer>, StoreError> {
        if sets.iter().all(|(_, rows)| rows.is_empty()) {
            return Ok(sets.iter().map(|_| Answer::default()).collect());
        }
        for (set, rows) in sets {
            fits(set, rows)?;
        }
        if self.trouble.is_some() {
            return Err(StoreError::WentOn);
        }
        let _waiting = Waiting::new(&self.waiting);
        let begin = self.opening();
        let link = self.link.as_mut().ok_or_else(no_connection)?;
        let mut statements = Vec::with_capacity(sets.len());
        for (set, rows) in sets.iter().filter(|(_, rows)| !rows.is_empty()) {
            match link.prepared_set(set).await {
                Ok(statement) => statements.push((statement, columns(set, rows))),
                Err(error) => return self.noted(Err(error.into())),
            }
        }
        self.is_open = true;
        let done = link.run_all(begin, statements).await;
        let mut answers = self.noted(done)?.into_iter();
        let answer = |rows: &[Vec<Value<'_>>]| if rows.is_empty() { None } else { answers.next() };
        Ok(sets.iter().map(|(_, rows)| *rows).map(answer).map(Option::unwrap_or_default).collect())
    }

    fn opening(&self) -> Option<&'static str> {
        (!self.is_open).then_some(self.begin)
    }

    fn noted<T>(&mut self, done: Result<T, Failure>) -> Result<T, StoreError> {
        let (error, trouble) = match done {
            Ok(answer) => return Ok(answer),
            Err(Failure::Server(error)) => from_postgres(&error),
            Err(Failure::Ours(error)) => (error, Trouble::Own),
        };
        self.trouble = Some(trouble);
        Err(error)
    }
}

fn fits(set: &Set, rows: &[Vec<Value<'_>>]) -> Result<(), StoreError> {
    let width = set.columns.len();
    if rows.iter().all(|row| row.len() == width) {
        return Ok(());
    }
    Err(StoreError::Statement(format!("a row of the set has not {width} values")))
}

/// The values of a set by column, as the server takes them.
fn columns<'a>(set: &Set, rows: &'a [Vec<Value<'a>>]) -> Vec<Vec<Bound<'a>>> {
    (0..set.columns.len()).map(|at| rows.iter().filter_map(|row| row.get(at)).map(Bound).collect()).collect()
}

fn no_connection() -> StoreError {
    StoreError::Unavailable("there is no connection to the database".to_owned())
}

use crate::domain::Timestamp;
use crate::event::{Record, TopicPartition};

use super::{Engine, Row, See, Set, SetRows, StoreError, Value};

/// An open transaction (or read snapshot) on whichever engine the platform runs.
///
/// After an error the transaction can only be given up: return the error, and everything that the job did is rolled back.
/// A job that goes on instead is refused, since some engines would keep part of it and others nothing.
pub struct Tx {
    pub(super) engine: Engine,
    pub(super) now: Timestamp,
    /// Where this transaction appended events, for waking their readers after the commit.
    pub(super) appended: Vec<(TopicPartition, i64)>,
    /// The shards of the outbox whose records this process relays itself, a bit each.
    pub(super) relayed: u64,
    /// Records for those shards, to be kept after the commit.
    pub(super) written: Vec<Record>,
    /// Whether a statement of the present job has failed.
    pub(super) failed: bool,
    /// Whether a key that is taken has the job run again.
    pub(super) is_first_run: bool,
}

impl Tx {
    pub(super) const fn new(engine: Engine, now: Timestamp) -> Self {
        Self { engine, now, appended: Vec::new(), relayed: 0, written: Vec::new(), failed: false, is_first_run: false }
    }

    /// The transaction's time: one moment for all that it writes.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether this run of the job need not look which keys are free: should one be taken, or be in the hands of
    /// another for long, the statement fails and the job runs again, and then it must look.
    ///
    /// The first run on a server, where rows that are written at once cost less than rows that are looked for before.
    pub const fn may_write_unseen(&self) -> bool {
        self.is_first_run
    }

    /// Runs one statement; the number of rows it changed.
    pub async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let done = self.engine.execute(sql, params).await;
        self.noted(done)
    }

    /// Runs one query.
    pub async fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let found = self.engine.query(sql, params).await;
        self.noted(found)
    }

    /// Runs one query and takes its first row.
    pub async fn query_one(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs one query and shows each of its rows as it comes; none is kept, so that the memory needed does not grow with them.
    pub async fn scan(&mut self, sql: &str, params: &[Value<'_>], see: See<'_>) -> Result<(), StoreError> {
        let seen = self.engine.scan(sql, params, see).await;
        self.noted(seen)
    }

    /// Runs a statement over a set of rows; the number of rows it changed.
    pub async fn execute_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<u64, StoreError> {
        let done = self.engine.execute_set(set, rows).await;
        self.noted(done)
    }

    /// Runs a query, or a statement with RETURNING, over a set of rows. The order of the answer is not that of the rows.
    pub async fn query_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<Vec<Row>, StoreError> {
        let found = self.engine.query_set(set, rows).await;
        self.noted(found)
    }

    /// Runs several statements over sets of rows, one behind the other, and waits for their answers only once; what each returned.
    pub(super) async fn query_sets(&mut self, sets: &[SetRows<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        let found = self.engine.query_sets(sets).await;
        self.noted(found)
    }

    fn noted<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.failed |= result.is_err();
        result
    }
}

use super::{Row, See, Set, SetRows, StoreError, Value, postgres, sqlite};

/// The open connection behind a [`super::Tx`]; both engines run the same statements.
pub(super) enum Engine {
    Embedded(sqlite::Connection),
    Server(Box<postgres::Session>),
}

impl Engine {
    pub(super) async fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        match self {
            Self::Embedded(connection) => connection.execute(sql, params),
            Self::Server(session) => session.execute(sql, params).await,
        }
    }

    pub(super) async fn query(&mut self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(connection) => connection.query(sql, params),
            Self::Server(session) => session.query(sql, params).await,
        }
    }

    pub(super) async fn scan(&mut self, sql: &str, params: &[Value<'_>], see: See<'_>) -> Result<(), StoreError> {
        match self {
            Self::Embedded(connection) => connection.scan(sql, params, see),
            Self::Server(session) => session.scan(sql, params, see).await,
        }
    }

    pub(super) async fn execute_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<u64, StoreError> {
        match self {
            Self::Embedded(connection) => connection.execute_set(set, rows),
            Self::Server(session) => session.execute_set(set, rows).await,
        }
    }

    pub(super) async fn query_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Embedded(connection) => connection.query_set(set, rows),
            Self::Server(session) => session.query_set(set, rows).await,
        }
    }

    pub(super) async fn query_sets(&mut self, sets: &[SetRows<'_>]) -> Result<Vec<Vec<Row>>, StoreError> {
        match self {
            Self::Embedded(connection) => sets.iter().map(|(set, rows)| connection.query_set(set, rows)).collect(),
            Self::Server(session) => session.query_sets(sets).await,
        }
    }

    /// Runs statements without parameters on the embedded engine: transaction control and PRAGMAs.
    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Embedded(connection) => connection.batch(sql),
            Self::Server(_) => Err(StoreError::Statement("only the embedded engine runs statements at once".to_owned())),
        }
    }

    /// Whether the embedded engine has no transaction open: it rolls back by itself when the disk is full.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Embedded(connection) => connection.is_idle(),
            Self::Server(_) => true,
        }
    }

    /// The connection to the server, on the engine that has one.
    pub(super) fn server(&mut self) -> Option<&mut postgres::Session> {
        match self {
            Self::Embedded(_) => None,
            Self::Server(session) => Some(session),
        }
    }
}

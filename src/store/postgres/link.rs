use std::collections::HashMap;
use std::pin::pin;

use futures_util::future::join_all;
use futures_util::{TryStreamExt as _, join};
use postgres_types::BorrowToSql;
use tokio_postgres::{Client, Error, RowStream, Statement};

use crate::store::{Row, See, Set, StoreError, Type};

use super::column::{Passing, row_from};

const STATEMENT_CACHE: usize = 256;

/// One connection with its prepared statements.
pub(super) struct Link {
    client: Client,
    by_text: HashMap<String, Statement>,
    /// Set statements by the address of their constant text.
    by_set: HashMap<(usize, usize), Statement>,
}

/// What a statement gave.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: u64,
}

/// What can go wrong with a statement: the server's or the driver's own error, or a row that cannot be read.
pub(super) enum Failure {
    Server(Error),
    Ours(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl Link {
    pub(super) fn new(client: Client) -> Self {
        Self { client, by_text: HashMap::new(), by_set: HashMap::new() }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs statements without parameters.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await
    }

    pub(super) async fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.by_text.get(sql) {
            return Ok(statement.clone());
        }
        if self.by_text.len() >= STATEMENT_CACHE {
            self.by_text.clear();
        }
        let statement = self.client.prepare(sql).await?;
        self.by_text.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) async fn prepared_set(&mut self, set: &Set) -> Result<Statement, Error> {
        let address = (set.sql.as_ptr() as usize, set.columns.as_ptr() as usize);
        if let Some(statement) = self.by_set.get(&address) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&expanded(set)).await?;
        self.by_set.insert(address, statement.clone());
        Ok(statement)
    }

    /// Runs a statement; `begin`, where it is given, goes out with it, so that opening a transaction costs no round trip.
    pub(super) async fn run<P: BorrowToSql>(&self, begin: Option<&str>, statement: &Statement, params: Vec<P>) -> Result<Answer, Failure> {
        collect(self.start(begin, statement, params).await?).await
    }

    /// Runs statements behind each other: all go out, and then their answers are awaited. The first that fails is the one that tells why.
    pub(super) async fn run_all<P: BorrowToSql>(
        &self,
        begin: Option<&str>,
        statements: Vec<(Statement, Vec<P>)>,
    ) -> Result<Vec<Answer>, Failure> {
        let begins = std::iter::once(begin).chain(std::iter::repeat(None));
        let running =
            statements.into_iter().zip(begins).map(async |((statement, params), begin)| self.run(begin, &statement, params).await);
        join_all(running).await.into_iter().collect()
    }

    /// The same for a query whose rows are only looked at.
    pub(super) async fn scan<P: BorrowToSql>(
        &self,
        begin: Option<&str>,
        statement: &Statement,
        params: Vec<P>,
        see: See<'_>,
    ) -> Result<Answer, Failure> {
        let mut stream = pin!(self.start(begin, statement, params).await?);
        while let Some(row) = stream.try_next().await? {
            see(&Passing(row)).map_err(Failure::Ours)?;
        }
        Ok(Answer::default())
    }

    async fn start<P: BorrowToSql>(&self, begin: Option<&str>, statement: &Statement, params: Vec<P>) -> Result<RowStream, Failure> {
        let wanted = statement.params().len();
        if wanted != params.len() {
            let text = format!("{wanted} parameters are named and {} given", params.len());
            return Err(Failure::Ours(StoreError::Statement(text)));
        }
        let running = self.client.query_raw(statement, params);
        let Some(begin) = begin else { return Ok(running.await?) };
        let (opened, started) = join!(self.client.batch_execute(begin), running);
        opened?;
        Ok(started?)
    }
}

async fn collect(stream: RowStream) -> Result<Answer, Failure> {
    let mut stream = pin!(stream);
    let mut answer = Answer::default();
    while let Some(row) = stream.try_next().await? {
        answer.rows.push(row_from(&row).map_err(Failure::Ours)?);
    }
    answer.changed = stream.rows_affected().unwrap_or(0);
    Ok(answer)
}

/// The rows of a set come as one array a column; a statement sees them as a table.
fn expanded(set: &Set) -> String {
    let names: Vec<&str> = set.columns.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> = set.columns.iter().zip(1..).map(|((_, ty), at)| format!("${at}::{}[]", type_name(*ty))).collect();
    let (word, rest) = set.sql.strip_prefix("WITH ").map_or((" ", set.sql), |rest| (", ", rest));
    let rows = format!("WITH set_rows ({}) AS (SELECT * FROM unnest({}))", names.join(", "), arrays.join(", "));
    format!("{rows}{word}{}", rest.replace("{rows}", "set_rows"))
}

const fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Int => "int8",
        Type::Text => "text",
        Type::Blob => "bytea",
        Type::Time => "timestamptz",
        Type::Uuid => "uuid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[(&str, Type)] = &[("id", Type::Int), ("at", Type::Time)];

    #[test]
    fn the_rows_of_a_set_are_a_table_of_arrays() {
        let set = Set { sql: "INSERT INTO t SELECT id, at FROM {rows} WHERE true", columns: COLUMNS };
        let text = "WITH set_rows (id, at) AS (SELECT * FROM unnest($1::int8[], $2::timestamptz[])) INSERT INTO t SELECT id, at FROM set_rows WHERE true";
        assert_eq!(expanded(&set), text);
    }

    #[test]
    fn a_statement_with_tables_of_its_own_keeps_them() {
        let set = Set { sql: "WITH a AS (SELECT id FROM {rows}) SELECT id FROM a", columns: COLUMNS };
        assert!(expanded(&set).ends_with("[])), a AS (SELECT id FROM set_rows) SELECT id FROM a"));
    }
}

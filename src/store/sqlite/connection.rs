use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::domain::Timestamp;
use crate::domain::format_timestamp;
use crate::store::{Fields, Row, See, Set, StoreError, Value};

use super::error::from_sqlite;

const STATEMENT_CACHE: usize = 256;

/// One SQLite connection with its prepared statements.
pub(in crate::store) struct Connection {
    inner: rusqlite::Connection,
    /// The expanded text of each set statement, by the address of its constant text.
    set_sql: HashMap<(usize, usize), String>,
}

impl Connection {
    pub(super) fn new(inner: rusqlite::Connection) -> Self {
        inner.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        Self { inner, set_sql: HashMap::new() }
    }

    pub(in crate::store) fn execute(&self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.inner.prepare_cached(sql).map_err(|e| from_sqlite(&e))?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute().map_err(|e| from_sqlite(&e))? as u64)
    }

    pub(in crate::store) fn query(&self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let mut statement = self.inner.prepare_cached(sql).map_err(|e| from_sqlite(&e))?;
        bind(&mut statement, params)?;
        collect(&mut statement, &mut rows).map_err(|e| from_sqlite(&e))?;
        Ok(rows)
    }

    pub(in crate::store) fn scan(&self, sql: &str, params: &[Value<'_>], see: See<'_>) -> Result<(), StoreError> {
        let mut statement = self.inner.prepare_cached(sql).map_err(|e| from_sqlite(&e))?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|e| from_sqlite(&e))? {
            see(&Passing(row))?;
        }
        Ok(())
    }

    pub(in crate::store) fn execute_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<u64, StoreError> {
        let (inner, sql) = self.expanded(set);
        let mut statement = inner.prepare_cached(sql).map_err(|e| from_sqlite(&e))?;
        let mut changed = 0;
        for row in rows {
            bind(&mut statement, row)?;
            changed += statement.raw_execute().map_err(|e| from_sqlite(&e))? as u64;
        }
        Ok(changed)
    }

    pub(in crate::store) fn query_set(&mut self, set: &Set, rows: &[Vec<Value<'_>>]) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::new();
        let (inner, sql) = self.expanded(set);
        let mut statement = inner.prepare_cached(sql).map_err(|e| from_sqlite(&e))?;
        for row in rows {
            bind(&mut statement, row)?;
            collect(&mut statement, &mut found).map_err(|e| from_sqlite(&e))?;
        }
        Ok(found)
    }

    /// Runs statements that take no parameters: transaction control, PRAGMAs and migrations.
    pub(in crate::store) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.inner.execute_batch(sql).map_err(|e| from_sqlite(&e))
    }

    /// Applies one migration and notes it, both or neither.
    pub(in crate::store) fn migrate(&self, sql: &str, owner: &str, number: i64, now: Timestamp) -> Result<(), StoreError> {
        self.batch("BEGIN IMMEDIATE")?;
        let done = self.batch(sql).and_then(|()| {
            self.execute(
                "INSERT INTO schema_migrations (owner, number, applied_at) VALUES ($1, $2, $3)",
                &[owner.into(), number.into(), now.into()],
            )
        });
        match done {
            Ok(_) => self.batch("COMMIT"),
            Err(error) => {
                // The first error is the one worth telling.
                let _ = self.batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Whether no transaction is open: SQLite rolls back by itself when the disk is full.
    pub(in crate::store) fn is_idle(&self) -> bool {
        self.inner.is_autocommit()
    }

    /// A statement prepared once costs less per row than unpacking a set from JSON does (docs/performance.md), so here
    /// the set is a one-row table and the statement runs once a row.
    fn expanded(&mut self, set: &Set) -> (&rusqlite::Connection, &str) {
        let address = (set.sql.as_ptr() as usize, set.columns.as_ptr() as usize);
        let sql = self.set_sql.entry(address).or_insert_with(|| {
            let columns: Vec<String> = set.columns.iter().enumerate().map(|(i, (name, _))| format!("?{} AS {name}", i + 1)).collect();
            set.sql.replace("{rows}", &format!("(SELECT {})", columns.join(", ")))
        });
        (&self.inner, sql)
    }
}

/// Gives `$n` the n-th value. SQLite takes `$1` for a name and numbers names as they come, so that left to itself it would
/// bind `SET a = $2 WHERE b = $1` the wrong way round.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Value<'_>]) -> Result<(), StoreError> {
    let count = statement.parameter_count();
    if count != params.len() {
        return Err(StoreError::Statement(format!("{count} parameters are named and {} given", params.len())));
    }
    for index in 1..=count {
        let name = statement.parameter_name(index).unwrap_or_default();
        let number = name.get(1..).and_then(|digits| digits.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.wrapping_sub(1)));
        let value = value.ok_or_else(|| StoreError::Statement(format!("there is no value for parameter {name}")))?;
        statement.raw_bind_parameter(index, value).map_err(|e| from_sqlite(&e))?;
    }
    Ok(())
}

fn collect(statement: &mut rusqlite::CachedStatement<'_>, into: &mut Vec<Row>) -> rusqlite::Result<()> {
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let values: rusqlite::Result<Vec<Value<'static>>> =
            (0..width).map(|index| Ok(value_of(row.get_ref(index)?).into_owned())).collect();
        into.push(Row(values?));
    }
    Ok(())
}

/// A row of a scan.
struct Passing<'a>(&'a rusqlite::Row<'a>);

impl Fields for Passing<'_> {
    fn field(&self, index: usize) -> Result<Value<'_>, StoreError> {
        self.0.get_ref(index).map(value_of).map_err(|_| StoreError::Column(index))
    }

    fn raw(&self, index: usize) -> Result<&[u8], StoreError> {
        match self.0.get_ref(index) {
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Ok(bytes),
            _ => Err(StoreError::Column(index)),
        }
    }
}

fn value_of(value: ValueRef<'_>) -> Value<'_> {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(int) => Value::Int(int),
        // No column of ours is a float; one that appears is shown as text rather than rounded.
        ValueRef::Real(real) => Value::Text(Cow::Owned(real.to_string())),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Time(time) => return Ok(format_timestamp(*time).into()),
            Self::Uuid(id) => return Ok(id.hyphenated().to_string().into()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_by_its_number_wherever_it_stands() {
        let connection = Connection::new(rusqlite::Connection::open_in_memory().unwrap());
        connection.batch("CREATE TABLE t (a INTEGER, b TEXT)").unwrap();
        connection.execute("INSERT INTO t (b, a) VALUES ($2, $1)", &[Value::Int(1), "old".into()]).unwrap();
        connection.execute("UPDATE t SET b = $2 WHERE a = $1 AND b <> $2", &[Value::Int(1), "new".into()]).unwrap();
        let rows = connection.query("SELECT b FROM t WHERE a = $1", &[Value::Int(1)]).unwrap();
        assert_eq!(rows[0].get::<String>(0).unwrap(), "new");
    }

    #[test]
    fn too_few_or_too_many_values_are_refused() {
        let connection = Connection::new(rusqlite::Connection::open_in_memory().unwrap());
        assert!(matches!(connection.query("SELECT $1, $2", &[Value::Int(1)]), Err(StoreError::Statement(_))));
        assert!(matches!(connection.query("SELECT $1", &[Value::Int(1), Value::Int(2)]), Err(StoreError::Statement(_))));
        assert!(matches!(connection.query("SELECT $2", &[Value::Int(1)]), Err(StoreError::Statement(_))));
    }
}

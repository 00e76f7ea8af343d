use super::sqlite::Connection;
use super::{StoreError, Tx};

/// One step of one owner's schema; append-only, the same numbers on every engine.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The service whose tables these are, or `store`.
    pub owner: &'static str,
    /// From 1, without a gap.
    pub number: i64,
    /// The statements for SQLite.
    pub sqlite: &'static str,
}

/// The tables that belong to no service.
pub const STORE_MIGRATIONS: &[Migration] =
    &[Migration { owner: "store", number: 1, sqlite: include_str!("../../migrations/store/sqlite/0001_init.sql") }];

/// Brings the schema up to date, or only checks that it is not newer than this program.
pub(super) fn migrate(tx: &mut Tx, migrations: &[Migration], apply: bool) -> Result<(), StoreError> {
    let engine = &tx.engine;
    if apply {
        engine.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (owner TEXT NOT NULL, number INTEGER NOT NULL, applied_at TEXT NOT NULL, PRIMARY KEY (owner, number)) STRICT",
            &[],
        )?;
    }
    refuse_newer(engine, migrations)?;
    if !apply {
        return Ok(());
    }
    for migration in migrations {
        let known = engine.query(
            "SELECT 1 FROM schema_migrations WHERE owner = $1 AND number = $2",
            &[migration.owner.into(), migration.number.into()],
        )?;
        if known.is_empty() {
            engine.migrate(migration.sqlite, migration.owner, migration.number, tx.now)?;
        }
    }
    Ok(())
}

fn refuse_newer(engine: &Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    for row in engine.query("SELECT owner, max(number) FROM schema_migrations GROUP BY owner", &[])? {
        let (owner, found) = (row.get::<String>(0)?, row.get::<i64>(1)?);
        let known = migrations.iter().filter(|m| m.owner == owner).map(|m| m.number).max().unwrap_or(0);
        if found > known {
            return Err(StoreError::Newer { path: "the database".to_owned(), owner, found, known });
        }
    }
    Ok(())
}

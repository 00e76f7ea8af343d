use super::{Row, StoreError};

/// One step of one owner's schema; append-only, the same numbers on every engine.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The service whose tables these are, or `store`.
    pub owner: &'static str,
    /// From 1, without a gap.
    pub number: i64,
    /// The statements for SQLite.
    pub sqlite: &'static str,
    /// The statements for PostgreSQL.
    pub postgres: &'static str,
}

/// The tables that belong to no service.
pub const STORE_MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "store",
        number: 1,
        sqlite: include_str!("../../migrations/store/sqlite/0001_init.sql"),
        postgres: include_str!("../../migrations/store/postgres/0001_init.sql"),
    },
    Migration {
        owner: "store",
        number: 2,
        sqlite: include_str!("../../migrations/store/sqlite/0002_refused.sql"),
        postgres: include_str!("../../migrations/store/postgres/0002_refused.sql"),
    },
    Migration {
        owner: "store",
        number: 3,
        sqlite: include_str!("../../migrations/store/sqlite/0003_desk.sql"),
        postgres: include_str!("../../migrations/store/postgres/0003_desk.sql"),
    },
    Migration {
        owner: "store",
        number: 4,
        sqlite: include_str!("../../migrations/store/sqlite/0004_statistics.sql"),
        postgres: include_str!("../../migrations/store/postgres/0004_statistics.sql"),
    },
];

/// Refuses a schema in which any owner has come further than here; the rows are each owner with its highest number.
pub(super) fn refuse_newer(rows: &[Row], migrations: &[Migration]) -> Result<(), StoreError> {
    for row in rows {
        let (owner, found) = (row.get::<String>(0)?, row.get::<i64>(1)?);
        let known = migrations.iter().filter(|m| m.owner == owner).map(|m| m.number).max().unwrap_or(0);
        if found > known {
            return Err(StoreError::Newer { path: "the database".to_owned(), owner, found, known });
        }
    }
    Ok(())
}

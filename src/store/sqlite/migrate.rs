use crate::domain::Timestamp;
use crate::store::migrations::refuse_newer;
use crate::store::{Migration, StoreError};

use super::Connection;

/// Brings the schema up to date, or only checks that it is not newer than this program.
pub(super) fn migrate(connection: &Connection, migrations: &[Migration], apply: bool, now: Timestamp) -> Result<(), StoreError> {
    if apply {
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations \
             (owner TEXT NOT NULL, number INTEGER NOT NULL, applied_at TEXT NOT NULL, PRIMARY KEY (owner, number)) STRICT",
            &[],
        )?;
    }
    refuse_newer(&connection.query("SELECT owner, max(number) FROM schema_migrations GROUP BY owner", &[])?, migrations)?;
    if !apply {
        return Ok(());
    }
    for migration in migrations {
        let known = connection.query(
            "SELECT 1 FROM schema_migrations WHERE owner = $1 AND number = $2",
            &[migration.owner.into(), migration.number.into()],
        )?;
        if known.is_empty() {
            connection.migrate(migration.sqlite, migration.owner, migration.number, now)?;
        }
    }
    Ok(())
}

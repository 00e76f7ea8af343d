use tokio_postgres::{Client, Error};

use crate::domain::Timestamp;
use crate::store::migrations::refuse_newer;
use crate::store::{Migration, Row, StoreError, Value};

use super::bind::Bound;
use super::column::row_from;
use super::error::from_postgres;

/// The key of the advisory lock under which one process at a time changes the schema; the letters of "payctl".
const LOCK: i64 = 0x7061_7963_746c;

/// Brings the schema up to date, or only checks that it is there and not newer than this program.
pub(super) async fn migrate(client: &Client, migrations: &[Migration], apply: bool, now: Timestamp) -> Result<(), StoreError> {
    if !apply {
        return refuse_newer(&known(client).await?, migrations);
    }
    // Building a large index may take longer than any statement of the platform itself.
    run(client, "SET statement_timeout = 0; SET lock_timeout = '60s'").await?;
    run(client, &format!("SELECT pg_advisory_lock({LOCK})")).await?;
    let done = apply_all(client, migrations, now).await;
    run(client, &format!("SELECT pg_advisory_unlock({LOCK})")).await.and(done)
}

/// Whether any platform has been here.
pub(super) async fn is_there(client: &Client) -> Result<bool, StoreError> {
    let rows = query(client, "SELECT to_regclass('public.schema_migrations') IS NOT NULL", &[]).await?;
    rows.first().map_or(Ok(false), |row| row.get(0))
}

async fn apply_all(client: &Client, migrations: &[Migration], now: Timestamp) -> Result<(), StoreError> {
    run(
        client,
        "CREATE TABLE IF NOT EXISTS schema_migrations \
         (owner TEXT COLLATE \"C\" NOT NULL, number BIGINT NOT NULL, applied_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (owner, number))",
    )
    .await?;
    refuse_newer(&known(client).await?, migrations)?;
    for migration in migrations {
        let (owner, number) = (migration.owner.into(), migration.number.into());
        if !query(client, "SELECT 1 FROM schema_migrations WHERE owner = $1 AND number = $2", &[owner, number]).await?.is_empty() {
            continue;
        }
        run(client, "BEGIN").await?;
        if let Err(error) = apply_one(client, migration, now).await {
            // The first error is the one worth telling.
            let _ = run(client, "ROLLBACK").await;
            return Err(error);
        }
        run(client, "COMMIT").await?;
    }
    Ok(())
}

async fn apply_one(client: &Client, migration: &Migration, now: Timestamp) -> Result<(), StoreError> {
    run(client, migration.postgres).await?;
    let noted = [migration.owner.into(), migration.number.into(), now.into()];
    query(client, "INSERT INTO schema_migrations (owner, number, applied_at) VALUES ($1, $2, $3)", &noted).await.map(drop)
}

async fn known(client: &Client) -> Result<Vec<Row>, StoreError> {
    query(client, "SELECT owner, max(number) FROM schema_migrations GROUP BY owner", &[]).await
}

async fn run(client: &Client, sql: &str) -> Result<(), StoreError> {
    client.batch_execute(sql).await.map_err(|error| told(&error))
}

async fn query(client: &Client, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
    let bound: Vec<Bound<'_>> = params.iter().map(Bound).collect();
    let bound: Vec<&(dyn postgres_types::ToSql + Sync)> = bound.iter().map(|one| one as _).collect();
    client.query(sql, &bound).await.map_err(|error| told(&error))?.iter().map(row_from).collect()
}

fn told(error: &Error) -> StoreError {
    from_postgres(error).0
}

//! How each engine is to plan while everything is read. All of it is for one transaction only.

use crate::store::{StoreError, Tx};

/// The checks join whole tables: with the server's own settings each join would go to disk in pieces, and one process would do it
/// all, since the server expects nearly every row to be a violation that has to be handed on.
const ROOM: &str = "SELECT set_config('work_mem', '128MB', true), set_config('random_page_cost', '1.1', true), \
     set_config('jit', 'off', true), \
     set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)";
const PROCESSES: &str = "SELECT set_config('max_parallel_workers_per_gather', $1, true)";
/// Processes that may help with a query that is shared out.
const HELPERS: &str = "4";
/// Who joins whole tables is lost where the server takes one of them for small and looks up the other row by row; and only hash
/// joins are shared out among processes.
const JOINS: &str = "SELECT set_config('enable_nestloop', $1, true), set_config('enable_mergejoin', $1, true)";
/// On the embedded engine reading everything is reading its file: what is mapped is not copied, what was looked up is looked up again.
const MAPPED: [&str; 2] = ["PRAGMA mmap_size = 2147418112", "PRAGMA cache_size = -131072"];

/// What every reader of everything needs.
pub(super) async fn make_room(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.has_outbox() {
        tx.query(ROOM, &[]).await?;
        return set_shared_out(tx, true).await;
    }
    for setting in MAPPED {
        tx.query(setting, &[]).await?;
    }
    Ok(())
}

/// Whether several processes of the server may work on one query.
pub(super) async fn set_shared_out(tx: &mut Tx, is_shared_out: bool) -> Result<(), StoreError> {
    if tx.has_outbox() {
        let processes = if is_shared_out { HELPERS } else { "0" };
        tx.query(PROCESSES, &[processes.into()]).await?;
    }
    Ok(())
}

/// Whether the server may look rows up one by one.
pub(super) async fn set_lookups(tx: &mut Tx, looks_up: bool) -> Result<(), StoreError> {
    if tx.has_outbox() {
        tx.query(JOINS, &[(if looks_up { "on" } else { "off" }).into()]).await?;
    }
    Ok(())
}

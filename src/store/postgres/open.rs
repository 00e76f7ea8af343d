use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{RwLock, oneshot, watch};

use crate::config::{Ambient, DatabaseServer};
use crate::domain::Timestamp;
use crate::store::{Engine, Heads, Kind, Migration, Opened, Queue, StoreError, Tx, spawn};

use super::Session;
use super::connector::Connector;
use super::migrate::{is_there, migrate};
use super::worker::{Duty, Worker};

/// Two writers look first for callers outside, so that one batch of theirs can be made while another commits; two for the
/// platform's own work.
const WRITERS: [Kind; 4] = [Kind::Ingress, Kind::Rest, Kind::Ingress, Kind::Rest];
const READERS: usize = 3;
/// The server works on one query with several processes by itself; a second connection asks while the first one thinks.
const TOGETHER: usize = 2;

/// A writer's statement looks each of its few rows up in an index. A plan is made once, often while tables are new and seem
/// small; reading a whole table or index then, once and for all, would be slow later, and under SERIALIZABLE it would count as
/// having read everything, so that everybody who writes there collides.
///
/// Outside of a transaction nothing may be written: its beginning goes out together with what follows, and should it fail alone (somebody
/// cancels just that), what follows would be committed statement by statement.
const WRITER_SETTINGS: &str = "SET default_transaction_read_only = on; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; \
     SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off";
/// Every statement is planned once: they are short, and planning one anew for its values takes longer than running it.
const READER_SETTINGS: &str = "SET default_transaction_read_only = on; SET plan_cache_mode = force_generic_plan";
/// The console goes through everything there is (`verify`), and waits for whoever reads what it prints (`ledger export`).
const CONSOLE_SETTINGS: &str =
    "SET default_transaction_read_only = on; SET statement_timeout = '15min'; SET idle_in_transaction_session_timeout = '15min'";
/// What one run of a job may take, in the platform and in the console.
const JOB_TIME: Duration = Duration::from_mins(1);
const CONSOLE_TIME: Duration = Duration::from_hours(1);

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Mode {
    /// The platform itself: migrates and writes, beside others that do.
    Own,
    /// The console: changes nothing.
    ReadOnly,
}

pub(in crate::store) async fn open(
    server: &DatabaseServer,
    mode: Mode,
    migrations: &[Migration],
    ambient: &Ambient,
) -> Result<Opened, StoreError> {
    let (settings, job_time) = if mode == Mode::Own { (READER_SETTINGS, JOB_TIME) } else { (CONSOLE_SETTINGS, CONSOLE_TIME) };
    let (writer, reader) = (Connector::new(server, WRITER_SETTINGS)?, Connector::new(server, settings)?);
    prepare(Connector::new(server, "")?, mode, migrations.to_vec(), ambient.now()).await?;
    let heads = Arc::new(Heads::from_now_on());
    let read_queue = Arc::new(Queue::new());
    let write_queue = (mode == Mode::Own).then(|| Arc::new(Queue::new()));
    let mut threads = Vec::new();
    let turns = Arc::default();
    let mut start = |connector: &Connector, queue: &Arc<Queue>, duty: Duty| {
        let tx = Tx::new(Engine::Server(Box::new(Session::new(connector.clone()))), ambient.now());
        let turns: Arc<RwLock<()>> = Arc::clone(&turns);
        let worker = Worker { tx, queue: Arc::clone(queue), heads: Arc::clone(&heads), ambient: ambient.clone(), duty, job_time, turns };
        let (name, runtime) = (if duty == Duty::Read { "store-reader" } else { "store-writer" }, runtime()?);
        threads.push(spawn(name, move || worker.run(&runtime))?);
        Ok::<_, StoreError>(())
    };
    for kind in WRITERS {
        if let Some(queue) = &write_queue {
            start(&writer, queue, Duty::Write(kind))?;
        }
    }
    for _ in 0..READERS {
        start(&reader, &read_queue, Duty::Read)?;
    }
    // Nothing breaks this engine for good: the server's disk is the server's to mend.
    let (_, broken) = watch::channel(None);
    Ok(Opened { writes: write_queue, reads: read_queue, heads, broken, threads, has_one_writer: false, together: TOGETHER, hold: None })
}

/// Migrates on a connection and a thread of its own, since the driver belongs to the runtime that connected.
async fn prepare(connector: Connector, mode: Mode, migrations: Vec<Migration>, now: Timestamp) -> Result<(), StoreError> {
    let (reply, answer) = oneshot::channel();
    let runtime = runtime()?;
    spawn("store-migrations", move || {
        let done = runtime.block_on(async {
            let client = connector.connect().await?;
            if mode == Mode::ReadOnly && !is_there(&client).await? {
                return Err(StoreError::Missing(connector.place().to_owned()));
            }
            migrate(&client, &migrations, mode == Mode::Own, now).await
        });
        let named = done.map_err(|error| match error {
            StoreError::Newer { owner, found, known, .. } => StoreError::Newer { path: connector.place().to_owned(), owner, found, known },
            other => other,
        });
        // Whoever gave up opening does not want the answer.
        let _ = reply.send(named);
    })?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the database thread ended".to_owned())))
}

fn runtime() -> Result<Runtime, StoreError> {
    Builder::new_current_thread().enable_all().build().map_err(|error| StoreError::Unavailable(error.to_string()))
}

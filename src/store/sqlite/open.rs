use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::OpenFlags;
use tokio::sync::watch;

use crate::config::Ambient;
use crate::store::{Engine, Heads, Migration, Opened, Queue, StoreError, Tx, spawn};

use super::Connection;
use super::error::from_sqlite;
use super::functions;
use super::hold::{self, Hold};
use super::migrate::migrate;
use super::reader::Reader;
use super::writer::Writer;

/// The one file of the platform inside its data directory.
const DATABASE_FILE: &str = "payctl.db";
const READERS: usize = 3;

/// What every connection is set to; each is read back and compared, since SQLite ignores what it does not understand.
const PRAGMAS: &[(&str, &str)] = &[
    ("synchronous", "2"),
    ("foreign_keys", "1"),
    ("busy_timeout", "5000"),
    ("temp_store", "2"),
    ("cache_size", "-8000"),
    ("wal_autocheckpoint", "16000"),
    ("journal_size_limit", "67108864"),
    ("trusted_schema", "0"),
];

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Mode {
    /// The platform itself: holds the directory, migrates, writes.
    Own,
    /// The console: reads whether a platform runs or not, and changes nothing.
    ReadOnly,
}

pub(in crate::store) fn open(dir: &Path, mode: Mode, migrations: &[Migration], ambient: &Ambient) -> Result<Opened, StoreError> {
    let path = dir.join(DATABASE_FILE);
    let hold: Option<Hold> = if mode == Mode::Own { Some(hold::take(dir)?) } else { None };
    if mode == Mode::ReadOnly && !path.exists() {
        return Err(StoreError::Missing(dir.display().to_string()));
    }
    let first = connect(&path, mode)?;
    migrate(&first, migrations, mode == Mode::Own, ambient.now()).map_err(|error| name_file(error, &path))?;
    let heads = Arc::new(Heads::load(&first)?);
    let first = Tx::new(Engine::Embedded(first), ambient.now());
    let (broken, broken_seen) = watch::channel(None);
    let reads = Arc::new(Queue::new());
    let mut threads = Vec::new();
    let mut submit = None;
    if mode == Mode::Own {
        let queue = Arc::new(Queue::new());
        let writer = Writer { tx: first, queue: Arc::clone(&queue), heads: Arc::clone(&heads), ambient: ambient.clone(), broken };
        threads.push(spawn("store-writer", move || writer.run())?);
        submit = Some(queue);
    }
    for _ in 0..READERS {
        let tx = Tx::new(Engine::Embedded(connect(&path, Mode::ReadOnly)?), ambient.now());
        let reader = Reader { tx, queue: Arc::clone(&reads), ambient: ambient.clone() };
        threads.push(spawn("store-reader", move || reader.run())?);
    }
    // Each reader is one thread of one process.
    let together = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(READERS));
    let hold = hold.map(|hold| Box::new(hold) as Box<dyn std::any::Any + Send + Sync>);
    Ok(Opened { writes: submit, reads, heads, broken: broken_seen, threads, has_one_writer: true, together, hold })
}

fn connect(path: &PathBuf, mode: Mode) -> Result<Connection, StoreError> {
    let access = match mode {
        Mode::Own => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Mode::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let inner = rusqlite::Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| name_file(from_sqlite(&error), path))?;
    configure(&inner, mode).map_err(|error| name_file(error, path))?;
    functions::add(&inner).map_err(|error| from_sqlite(&error))?;
    Ok(Connection::new(inner))
}

fn configure(inner: &rusqlite::Connection, mode: Mode) -> Result<(), StoreError> {
    let read = |name: &str| -> Result<String, StoreError> {
        let value = inner.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).map_err(|e| from_sqlite(&e))?;
        Ok(match value {
            rusqlite::types::Value::Integer(int) => int.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        })
    };
    for (name, value) in PRAGMAS {
        inner.execute_batch(&format!("PRAGMA {name} = {value}")).map_err(|e| from_sqlite(&e))?;
        let found = read(name)?;
        if found != *value {
            return Err(StoreError::Statement(format!("PRAGMA {name} is {found} instead of {value}")));
        }
    }
    if mode == Mode::Own {
        inner.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).map_err(|e| from_sqlite(&e))?;
    } else {
        inner.execute_batch("PRAGMA query_only = 1").map_err(|e| from_sqlite(&e))?;
    }
    match read("journal_mode")?.as_str() {
        "wal" => Ok(()),
        other => Err(StoreError::Statement(format!("PRAGMA journal_mode is {other} instead of wal"))),
    }
}

/// Errors of opening name the file.
fn name_file(error: StoreError, path: &Path) -> StoreError {
    let path = path.display().to_string();
    match error {
        StoreError::Corrupt { reason, .. } => StoreError::Corrupt { path, reason },
        StoreError::Newer { owner, found, known, .. } => StoreError::Newer { path, owner, found, known },
        StoreError::Unavailable(reason) => StoreError::Unwritable { path, reason },
        other => other,
    }
}

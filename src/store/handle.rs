use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures_util::future::join_all;
use tokio::sync::{oneshot, watch};

use crate::config::{Ambient, DatabaseServer};

use super::sqlite::{self, Mode};
use super::{Class, Heads, Meeting, Migration, Opened, Queue, StoreError, Task, Tx, postgres};

/// The platform's database; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writes: Option<Arc<Queue>>,
    reads: Arc<Queue>,
    heads: Arc<Heads>,
    broken: watch::Receiver<Option<StoreError>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    has_one_writer: bool,
    together: usize,
    _hold: Option<Box<dyn std::any::Any + Send + Sync>>,
}

impl Store {
    /// Opens the platform's own database in `dir`, creating and migrating it; one process at a time holds a directory.
    pub fn open(dir: &Path, migrations: &[Migration], ambient: &Ambient) -> Result<Self, StoreError> {
        Ok(Self::from_opened(sqlite::open(dir, Mode::Own, migrations, ambient)?))
    }

    /// Opens the database in `dir` for reading, whether a platform runs on it or not.
    pub fn open_read_only(dir: &Path, migrations: &[Migration], ambient: &Ambient) -> Result<Self, StoreError> {
        Ok(Self::from_opened(sqlite::open(dir, Mode::ReadOnly, migrations, ambient)?))
    }

    /// Connects to the platform's database on a server and brings its schema up to date; many processes may do so at once.
    pub async fn connect(server: &DatabaseServer, migrations: &[Migration], ambient: &Ambient) -> Result<Self, StoreError> {
        Ok(Self::from_opened(postgres::open(server, postgres::Mode::Own, migrations, ambient).await?))
    }

    /// Connects to a database on a server for reading only.
    pub async fn connect_read_only(server: &DatabaseServer, migrations: &[Migration], ambient: &Ambient) -> Result<Self, StoreError> {
        Ok(Self::from_opened(postgres::open(server, postgres::Mode::ReadOnly, migrations, ambient).await?))
    }

    fn from_opened(opened: Opened) -> Self {
        Self(Arc::new(Inner {
            writes: opened.writes,
            reads: opened.reads,
            heads: opened.heads,
            broken: opened.broken,
            threads: Mutex::new(opened.threads),
            has_one_writer: opened.has_one_writer,
            together: opened.together,
            _hold: opened.hold,
        }))
    }

    /// Runs `work` in a transaction that is committed, durably, before the answer returns, or leaves nothing behind.
    ///
    /// `work` may run again where an engine asks for it, and may wait for nothing but `Tx`.
    pub async fn write<T, E, F>(&self, class: Class, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run(self.writes()?, Need { class, by_keys: false }, work).await
    }

    /// Runs `work` as [`Store::write`] does, for jobs that meet other jobs only in rows that both write or in unique keys.
    ///
    /// Such a job may not conclude anything from rows that it only reads: an engine with several writers then need not watch
    /// what it reads, which costs the more the more jobs run at once.
    pub async fn write_by_keys<T, E, F>(&self, class: Class, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run(self.writes()?, Need { class, by_keys: true }, work).await
    }

    fn writes(&self) -> Result<&Queue, StoreError> {
        self.0.writes.as_deref().ok_or_else(|| StoreError::Statement("the database is open for reading only".to_owned()))
    }

    /// Runs `work` on one consistent snapshot.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        run(&self.0.reads, Need { class: Class::Ingress, by_keys: false }, work).await
    }

    /// Runs `work` on several connections at once, which all see one and the same moment; at least on one. What each came to.
    ///
    /// How many there are is the engine's to say, and what each of them does theirs to share out.
    pub async fn read_together<T, E, F>(&self, work: F) -> Result<Vec<T>, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let need = Need { class: Class::Ingress, by_keys: false };
        let followers = self.0.together.saturating_sub(1);
        let meeting = Meeting::new(followers);
        let (its, first) = (Arc::clone(&meeting), work.clone());
        let leader = run(&self.0.reads, need, async move |tx: &mut Tx| {
            its.lead(tx).await?;
            first(tx).await
        });
        let others = (0..followers).map(|_| {
            let (its, work) = (Arc::clone(&meeting), work.clone());
            run(&self.0.reads, need, async move |tx: &mut Tx| if its.follow(tx).await? { work(tx).await.map(Some) } else { Ok(None) })
        });
        let (first, others) = futures_util::join!(leader, join_all(others));
        let others = others.into_iter().filter_map(Result::transpose);
        std::iter::once(first).chain(others).collect()
    }

    /// Where each partition of the embedded log ends.
    pub(crate) fn heads(&self) -> &Arc<Heads> {
        &self.0.heads
    }

    /// Rings after every commit of this process that published.
    pub fn bell(&self) -> watch::Receiver<u64> {
        self.0.heads.bell()
    }

    /// Whether callers outside compete for the one writer just now: then groups should take small batches.
    pub fn is_pressed(&self) -> bool {
        self.0.has_one_writer && self.0.writes.as_ref().is_some_and(|writes| writes.is_pressed())
    }

    /// How many batches of requests from outside are worth having under way at once.
    ///
    /// With one writer the next is made while one commits, and waits right behind it. With several a third is at work while two wait
    /// for the server's disk.
    pub fn batches_in_flight(&self) -> usize {
        if self.0.has_one_writer { 2 } else { 3 }
    }

    /// What broke the database for good, if anything did.
    pub fn fault(&self) -> Option<StoreError> {
        self.0.broken.borrow().clone()
    }

    /// Resolves when a write to disk has failed: the process must end, since only a restart tells what is on disk.
    pub async fn broken(&self) -> StoreError {
        let mut seen = self.0.broken.clone();
        loop {
            if let Some(error) = seen.borrow_and_update().clone() {
                return error;
            }
            if seen.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Finishes what is queued and closes the database. Blocks; later calls fail.
    pub fn close(&self) {
        if let Some(writes) = &self.0.writes {
            writes.close();
        }
        self.0.reads.close();
        let threads = std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A database thread that panicked has nothing left to tell.
            let _ = thread.join();
        }
    }
}

/// What a job asks of the engine.
#[derive(Clone, Copy)]
struct Need {
    class: Class,
    by_keys: bool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(writes) = &self.writes {
            writes.close();
        }
        self.reads.close();
    }
}

async fn run<T, E, F>(queue: &Queue, need: Need, work: F) -> Result<T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    queue.push(need.class, Box::new(Task::new(work, need.by_keys, reply)))?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the database has stopped".to_owned()).into()))
}

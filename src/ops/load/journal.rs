use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};

use super::LoadError;
use super::line::Line;

/// Lines on their way to the disk; whoever has one more waits.
const QUEUE: usize = 16_384;
/// Lines that one write to disk makes durable together.
const GROUP: usize = 16_384;
/// Between two writes: the disk is the platform's as well, and what is measured should not be how the client shares it.
const REST: Duration = Duration::from_millis(20);

/// What is to be done with a line once it is on disk.
pub(super) type OnDisk = Box<dyn FnOnce() + Send>;

/// A line with what follows once it is durable.
pub(super) struct Entry {
    pub(super) line: Line,
    pub(super) then: Option<OnDisk>,
}

/// The history of a run, written by a thread of its own.
pub(super) struct Journal {
    path: PathBuf,
    thread: JoinHandle<io::Result<()>>,
}

/// Hands lines to the journal; cheap to clone.
#[derive(Clone)]
pub(super) struct Recorder {
    queue: Sender<Entry>,
    path: Arc<PathBuf>,
}

impl Journal {
    /// Starts a journal in a file that is not there yet.
    pub(super) fn start(path: &Path, first: Line) -> Result<(Self, Recorder), LoadError> {
        let unwritable = |error: io::Error| unwritable(path, &error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let mut file = File::create_new(path).map_err(unwritable)?;
        write(&mut file, &[Entry { line: first, then: None }]).map_err(unwritable)?;
        let (queue, entries) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || keep(&mut file, entries)).map_err(unwritable)?;
        Ok((Self { path: path.to_owned(), thread }, Recorder { queue, path: Arc::new(path.to_owned()) }))
    }

    /// Waits until every line is on disk. Blocks; every [`Recorder`] has to be dropped first.
    pub(super) fn finish(self) -> Result<(), LoadError> {
        let ended = self.thread.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")));
        ended.map_err(|error| unwritable(&self.path, &error))
    }
}

impl Recorder {
    /// Queues a line; `then` runs once it is durable.
    pub(super) async fn record(&self, line: Line, then: Option<OnDisk>) -> Result<(), LoadError> {
        let gone = |_| unwritable(&self.path, &io::Error::other("an earlier line failed"));
        self.queue.send(Entry { line, then }).await.map_err(gone)
    }
}

fn keep(file: &mut File, mut entries: Receiver<Entry>) -> io::Result<()> {
    let mut group = Vec::new();
    while entries.blocking_recv_many(&mut group, GROUP) > 0 {
        write(file, &group)?;
        group.drain(..).filter_map(|entry| entry.then).for_each(|then| then());
        std::thread::sleep(REST);
    }
    Ok(())
}

/// Writes a group and waits until it is on disk.
fn write(file: &mut File, group: &[Entry]) -> io::Result<()> {
    let mut bytes = Vec::new();
    for entry in group {
        serde_json::to_writer(&mut bytes, &entry.line)?;
        bytes.push(b'\n');
    }
    file.write_all(&bytes)?;
    file.sync_data()
}

fn unwritable(path: &Path, error: &io::Error) -> LoadError {
    LoadError::Unwritable { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::load::Op;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn what_follows_a_line_follows_once_it_is_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep").join("run.ndjson");
        let (journal, recorder) = Journal::start(&path, Line::Invoke { id: 0, op: Op::Create }).unwrap();
        let acknowledged = Arc::new(AtomicUsize::new(0));
        for id in 1..=100 {
            let (path, acknowledged) = (path.clone(), Arc::clone(&acknowledged));
            let then: OnDisk = Box::new(move || {
                assert!(std::fs::read_to_string(path).unwrap().contains(&format!("\"id\":{id},")));
                acknowledged.fetch_add(1, Ordering::Relaxed);
            });
            recorder.record(Line::Invoke { id, op: Op::Pay }, Some(then)).await.unwrap();
        }
        drop(recorder);
        journal.finish().unwrap();
        assert_eq!(acknowledged.load(Ordering::Relaxed), 100);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 101);
        let again = Journal::start(&path, Line::Invoke { id: 0, op: Op::Create });
        assert!(matches!(again.err(), Some(LoadError::Unwritable { .. })), "a journal is evidence and is never overwritten");
    }
}

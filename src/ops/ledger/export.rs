use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use tokio::sync::mpsc;

use crate::ops::Reader;
use crate::services::accounting::{self, ExportError, ExportFormat, ExportSummary};

/// Text of an export goes over in pieces of this size, so that neither side holds the whole books.
const PIECE_BYTES: usize = 64 * 1024;

/// Writes the whole books, from one snapshot, into `pieces`; nobody reading them any more ends it early.
pub async fn export(reader: &Reader, format: ExportFormat, pieces: mpsc::Sender<Vec<u8>>) -> Result<ExportSummary, ExportError> {
    reader
        .store
        .read(async move |tx| {
            let mut out = io::BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces.clone()));
            accounting::export(tx, format, &mut out).await
        })
        .await
}

/// Wakes a thread that waits.
struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on the database's own thread, be there a runtime on it or not.
fn wait_here<F: Future>(future: F) -> F::Output {
    // What a runtime lets a task do before it must yield is never given again while the thread stays here.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Hands text from the database's thread to whoever prints it; waits while they are busy.
struct Pieces(mpsc::Sender<Vec<u8>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        wait_here(self.0.send(bytes.to_vec())).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

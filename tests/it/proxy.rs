//! What stands between the platform and PostgreSQL and breaks connections where it hurts most: at a COMMIT.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const COMMIT: &[u8] = b"COMMIT\0";
/// The server's last word on a transaction, committed or not: ready again, and in none.
const ENDED: &[u8] = b"Z\0\0\0\x05I";

/// What becomes of a COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never gets it.
    Undelivered,
    /// The server does it, and its answer is lost.
    Unanswered,
}

/// A port behind which the server is; it ends with the test's process.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    plan: Arc<Plan>,
}

/// Which COMMITs are to be cut, and how many have been.
#[derive(Default)]
struct Plan {
    next: Mutex<Option<Cut>>,
    /// Each so-manieth is cut, one way and the other in turn; 0 for none.
    every: AtomicUsize,
    seen: AtomicUsize,
    undelivered: AtomicUsize,
    unanswered: AtomicUsize,
}

/// The two ends of a connection.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    /// From now on the client hears nothing more.
    is_mute: AtomicBool,
}

impl Proxy {
    /// In front of the server at this place.
    pub(crate) fn before(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (here, place) = (listener.local_addr().unwrap().port(), format!("{host}:{port}"));
        let plan = Arc::new(Plan::default());
        let shared = Arc::clone(&plan);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let pair = Pair { client: client.unwrap(), server: TcpStream::connect(&place).unwrap(), is_mute: AtomicBool::new(false) };
                pair.carry(&shared);
            }
        });
        Self { port: here, plan }
    }

    /// Cuts the next COMMIT so.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.plan.next.lock().unwrap() = Some(cut);
    }

    /// Whether what [`Self::cut_next`] asked for has happened.
    pub(crate) fn has_cut(&self) -> bool {
        self.plan.next.lock().unwrap().is_none()
    }

    /// Cuts each so-manieth COMMIT from now on, one way and the other in turn; 0 ends it.
    pub(crate) fn cut_every(&self, number: usize) {
        self.plan.every.store(number, Ordering::Relaxed);
    }

    /// COMMITs that never arrived, and those that took effect without an answer.
    pub(crate) fn cuts(&self) -> (usize, usize) {
        (self.plan.undelivered.load(Ordering::Relaxed), self.plan.unanswered.load(Ordering::Relaxed))
    }
}

impl Plan {
    /// What becomes of the COMMIT that passes now.
    fn decide(&self) -> Option<Cut> {
        if let Some(cut) = self.next.lock().unwrap().take() {
            return Some(cut);
        }
        let (seen, every) = (self.seen.fetch_add(1, Ordering::Relaxed), self.every.load(Ordering::Relaxed));
        if every == 0 || seen % every != 0 {
            return None;
        }
        Some(if seen / every % 2 == 0 { Cut::Unanswered } else { Cut::Undelivered })
    }
}

impl Pair {
    fn carry(self, plan: &Arc<Plan>) {
        let (out, back) = (Arc::new(self), Arc::clone(plan));
        let (home, forth) = (Arc::clone(&out), Arc::clone(plan));
        std::thread::spawn(move || {
            // A side that closes ends both directions; what the test asserts does not depend on how.
            let _ = out.to_server(&forth);
            out.cut();
        });
        std::thread::spawn(move || {
            let _ = home.to_client(&back);
            home.cut();
        });
    }

    fn to_server(&self, plan: &Plan) -> std::io::Result<()> {
        let mut seen = Window::default();
        let mut buffer = [0; 16 * 1024];
        loop {
            let bytes = match (&self.client).read(&mut buffer)? {
                0 => return Ok(()),
                count => &buffer[..count],
            };
            if seen.finds(COMMIT, bytes) {
                match plan.decide() {
                    Some(Cut::Undelivered) => {
                        plan.undelivered.fetch_add(1, Ordering::Relaxed);
                        return Ok(());
                    }
                    Some(Cut::Unanswered) => self.is_mute.store(true, Ordering::Release),
                    None => {}
                }
            }
            (&self.server).write_all(bytes)?;
        }
    }

    fn to_client(&self, plan: &Plan) -> std::io::Result<()> {
        let (mut ended, mut done) = (Window::default(), Window::default());
        let mut buffer = [0; 16 * 1024];
        let mut is_done = false;
        loop {
            let bytes = match (&self.server).read(&mut buffer)? {
                0 => return Ok(()),
                count => &buffer[..count],
            };
            if !self.is_mute.load(Ordering::Acquire) {
                (&self.client).write_all(bytes)?;
                continue;
            }
            is_done |= done.finds(COMMIT, bytes);
            if ended.finds(ENDED, bytes) {
                plan.unanswered.fetch_add(usize::from(is_done), Ordering::Relaxed);
                return Ok(());
            }
        }
    }

    fn cut(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

/// The end of what has passed: what is looked for may come in two reads.
#[derive(Default)]
struct Window(Vec<u8>);

impl Window {
    fn finds(&mut self, wanted: &[u8], bytes: &[u8]) -> bool {
        self.0.extend_from_slice(bytes);
        let found = self.0.windows(wanted.len()).any(|part| part == wanted);
        let kept = if found { 0 } else { self.0.len().min(wanted.len() - 1) };
        self.0.drain(..self.0.len() - kept);
        found
    }
}

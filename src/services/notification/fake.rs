use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Longer than an impatient client waits.
pub(super) const LATE: Duration = Duration::from_millis(1300);

/// What the server does with the next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Accept,
    /// Answers with this at `RCPT TO`.
    AtRecipient(&'static str),
    /// Answers with this after the mail.
    AtEnd(&'static str),
    /// Says nothing after the mail.
    Hang,
    /// Takes the mail, and says so when nobody waits for it any more.
    Late,
    /// Takes the mail and hangs up without a word.
    Vanish,
}

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) to: String,
    pub(super) data: String,
}

impl Arrived {
    /// A header's value on its first line.
    pub(super) fn header(&self, name: &str) -> &str {
        self.data.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
    }

    /// The decoded bodies, plain text first.
    pub(super) fn bodies(&self) -> Vec<String> {
        let parts = self.data.split("Content-Transfer-Encoding: base64\r\n\r\n").skip(1);
        let encoded = parts.map(|part| part.split("\r\n--").next().unwrap().replace("\r\n", ""));
        encoded.map(|text| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()).collect()
    }
}

#[derive(Default)]
struct State {
    arrived: Mutex<Vec<Arrived>>,
    turns: Mutex<VecDeque<Turn>>,
    sessions: AtomicUsize,
}

/// A mail server of a few lines that does as it is told.
pub(super) struct FakeServer {
    pub(super) port: u16,
    state: Arc<State>,
    _running: JoinSet<()>,
}

impl FakeServer {
    pub(super) async fn start(turns: &[Turn]) -> Self {
        Self::start_on(0, turns).await
    }

    pub(super) async fn start_on(port: u16, turns: &[Turn]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State { turns: Mutex::new(turns.iter().copied().collect()), ..State::default() });
        let mut running = JoinSet::new();
        let shared = Arc::clone(&state);
        running.spawn(async move {
            let mut sessions = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.sessions.fetch_add(1, Ordering::Relaxed);
                let state = Arc::clone(&shared);
                sessions.spawn(async move {
                    // A client that hangs up ends its session.
                    let _ = converse(stream, &state).await;
                });
            }
        });
        Self { port, state, _running: running }
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.state.arrived.lock().unwrap().clone()
    }

    pub(super) fn sessions(&self) -> usize {
        self.state.sessions.load(Ordering::Relaxed)
    }
}

async fn converse(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut turn = Turn::Accept;
    let mut to = String::new();
    stream.write_all(b"220 fake\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => "250-fake\r\n250 8BITMIME\r\n".to_owned(),
            "MAIL" => {
                turn = state.turns.lock().unwrap().pop_front().unwrap_or(Turn::Accept);
                "250 ok\r\n".to_owned()
            }
            "RCPT" => {
                to = line.trim().trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                if let Turn::AtRecipient(answer) = turn { format!("{answer}\r\n") } else { "250 ok\r\n".to_owned() }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let data = body(&mut stream).await?;
                match turn {
                    Turn::AtEnd(answer) => format!("{answer}\r\n"),
                    Turn::Hang => std::future::pending().await,
                    Turn::Vanish | Turn::Late | Turn::Accept | Turn::AtRecipient(_) => {
                        state.arrived.lock().unwrap().push(Arrived { to: to.clone(), data });
                        if turn == Turn::Vanish {
                            return Ok(());
                        }
                        if turn == Turn::Late {
                            tokio::time::sleep(LATE).await;
                        }
                        "250 taken\r\n".to_owned()
                    }
                }
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

async fn body(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(&line);
    }
}

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as the stub saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Method and path: `GET /checkout/PY…`.
    pub(crate) line: String,
    /// Header lines, names in lower case.
    pub(crate) headers: String,
    pub(crate) body: String,
}

/// What the stub does with a request.
pub(crate) enum Reply {
    Answer(u16, String),
    /// Closes the connection without a word.
    Hang,
}

/// A server that answers what a test says, one request a connection.
pub(crate) struct Stub {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    pub(crate) fn new(mut reply: impl FnMut(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = read(&connection);
                let reply = reply(&request.line);
                log.lock().unwrap().push(request);
                if let Reply::Answer(status, body) = reply {
                    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                    connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
                }
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn read(connection: &TcpStream) -> Seen {
    let mut reader = BufReader::new(connection);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let mut headers = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        headers.push_str(&[name.to_ascii_lowercase().as_str(), ":", value].concat());
    }
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(0, |n| n.trim().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = first.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    Seen { line, headers, body: String::from_utf8(body).unwrap() }
}

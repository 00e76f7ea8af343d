use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::endpoint::Endpoint;
use super::request::Request;

/// After this a request's fate is unknown.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// An answer to one request is far smaller.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

type Body = Full<Bytes>;

/// What the platform answered.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// `Idempotent-Replayed: true` stood in its head.
    pub(super) replayed: bool,
    pub(super) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    /// It was never sent.
    #[error("no connection")]
    Unreachable,
    /// It was sent; whether it was done is unknown.
    #[error("no answer in time")]
    TimedOut,
    /// It was sent; whether it was done is unknown.
    #[error("connection broken")]
    Broken,
}

/// One connection of the client, made when it is first needed and anew after it broke.
///
/// hyper's connection itself and not a pooled client: the generator shares its cores with the platform, so what a request
/// costs here is missing there, and a worker that owns its connection needs no pool.
pub(super) struct Connection {
    endpoint: Arc<Endpoint>,
    open: Option<Open>,
}

struct Open {
    sender: SendRequest<Body>,
    driver: http1::Connection<TokioIo<TcpStream>, Body>,
}

impl Connection {
    pub(super) const fn new(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoint, open: None }
    }

    /// Connects, so that the first request need not.
    pub(super) async fn connect(&mut self) -> Result<(), NoAnswer> {
        let opened = tokio::time::timeout(ANSWER_TIMEOUT, open(&self.endpoint)).await.unwrap_or(Err(NoAnswer::Unreachable));
        self.open = Some(opened?);
        Ok(())
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn send(&mut self, request: &Request) -> Result<Answer, NoAnswer> {
        // A connection that the server closed while it lay idle took nothing with it, so the request goes on a new one.
        for _ in 0..2 {
            if self.open.is_none() {
                self.connect().await?;
            }
            let Some(open) = &mut self.open else { return Err(NoAnswer::Unreachable) };
            let Some(wire) = wire(&self.endpoint, request) else { return Err(NoAnswer::Unreachable) };
            let done = tokio::time::timeout(ANSWER_TIMEOUT, open.exchange(wire)).await.unwrap_or(Err(Lost::Sent(NoAnswer::TimedOut)));
            match done {
                Ok((answer, reusable)) => {
                    if !reusable {
                        self.open = None;
                    }
                    return Ok(answer);
                }
                Err(lost) => {
                    self.open = None;
                    if let Lost::Sent(why) = lost {
                        return Err(why);
                    }
                }
            }
        }
        Err(NoAnswer::Unreachable)
    }
}

/// Where a request was when its connection went.
enum Lost {
    Unsent,
    Sent(NoAnswer),
}

impl Open {
    /// One request and its answer; whether the connection takes another.
    async fn exchange(&mut self, wire: hyper::Request<Body>) -> Result<(Answer, bool), Lost> {
        let sending = self.sender.try_send_request(wire);
        let mut answering = pin!(async {
            let response = sending
                .await
                .map_err(|mut error| if error.take_message().is_some() { Lost::Unsent } else { Lost::Sent(NoAnswer::Broken) })?;
            read(response).await.map_err(Lost::Sent)
        });
        tokio::select! {
            biased;
            answer = &mut answering => return answer.map(|answer| (answer, true)),
            _ = &mut self.driver => {}
        }
        // The connection may end in the same breath in which it hands over the last of the answer.
        answering.await.map(|answer| (answer, false))
    }
}

async fn open(endpoint: &Endpoint) -> Result<Open, NoAnswer> {
    let stream = TcpStream::connect(&endpoint.address).await.map_err(|_| NoAnswer::Unreachable)?;
    stream.set_nodelay(true).map_err(|_| NoAnswer::Unreachable)?;
    let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer::Unreachable)?;
    Ok(Open { sender, driver })
}

/// A request with a header that HTTP cannot carry is none.
fn wire(endpoint: &Endpoint, request: &Request) -> Option<hyper::Request<Body>> {
    let method = if request.is_post { Method::POST } else { Method::GET };
    let mut wire = hyper::Request::builder().method(method).uri(format!("{}{}", endpoint.prefix, request.path));
    wire = wire.header(HOST, &endpoint.authority);
    for (name, value) in &request.headers {
        wire = wire.header(*name, value);
    }
    wire.body(Full::new(request.body.clone())).ok()
}

async fn read(response: Response<Incoming>) -> Result<Answer, NoAnswer> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|_| NoAnswer::Broken)?;
    let replayed = head.headers.get("idempotent-replayed").is_some_and(|value| value == "true");
    Ok(Answer { status: head.status.as_u16(), replayed, body: body.to_bytes() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    async fn listener() -> (TcpListener, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, Connection::new(Arc::new(Endpoint::parse(&url).unwrap())))
    }

    /// Takes one connection, reads one request and writes this.
    async fn answer(listener: &TcpListener, text: &str) {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        assert!(stream.read(&mut buffer).await.unwrap() > 0);
        stream.write_all(text.as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_is_read_and_a_closed_connection_is_opened_anew() {
        let (listener, mut connection) = listener().await;
        let request = Request::post("/a".to_owned(), Bytes::from_static(b"{}"));
        let text = "HTTP/1.1 201 Created\r\ncontent-length: 2\r\nidempotent-replayed: true\r\n\r\nhi";
        for _ in 0..3 {
            let (answered, ()) = tokio::join!(connection.send(&request), answer(&listener, text));
            let answered = answered.unwrap();
            assert_eq!((answered.status, answered.replayed, answered.body.as_ref()), (201, true, &b"hi"[..]));
        }
    }

    #[tokio::test]
    async fn a_request_that_got_no_answer_may_have_been_done() {
        let (listener, mut connection) = listener().await;
        let request = Request::get("/a".to_owned());
        let (answered, ()) = tokio::join!(connection.send(&request), answer(&listener, "HTTP/1.1 200 OK\r\ncontent-le"));
        assert_eq!(answered.unwrap_err(), NoAnswer::Broken);
        drop(listener);
        assert_eq!(connection.send(&request).await.unwrap_err(), NoAnswer::Unreachable);
    }
}

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::http::Router;

/// Connections of one service at a time; further ones wait in the system's backlog.
const MAX_CONNECTIONS: usize = 4096;
/// Time for a request's headers to arrive; an idle connection is closed after it as well.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_HEADER_BUFFER: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// What open requests get to finish when the service stops.
const DRAIN: Duration = Duration::from_secs(10);
/// After a failed accept (usually: no file descriptors left) others get time to close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `routes` on a bound listener until told to stop, then lets open requests finish.
pub(super) async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(MAX_HEADER_BUFFER).max_headers(MAX_HEADERS);
    let open = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let routes = routes.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            routes.clone().oneshot(request.map(axum::body::Body::new))
        });
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), service));
        #[expect(clippy::disallowed_methods, reason = "connections are the server's own tasks, watched for the drain")]
        tokio::spawn(async move {
            // A connection that breaks is the client's affair.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, open.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off because they did not finish in time");
    }
}

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Small answers must not wait for more bytes; a connection without the option still works.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

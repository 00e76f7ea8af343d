//! The reference of `scripts/bench.sh`: a bare axum server that reads a JSON body and answers it, and does nothing else.
//!
//! `echo ADDRESS`

#![expect(clippy::disallowed_methods, reason = "a program of its own: its connections belong to no supervisor")]

use anyhow::Context as _;
use axum::routing::post;
use axum::{Json, Router};
use hyper::server::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("usage: echo ADDRESS")?;
    let listener = TcpListener::bind(&address).await.with_context(|| format!("failed to listen on {address}"))?;
    let routes = Router::new().route("/", post(async |body: Json<serde_json::Value>| body));
    loop {
        let (stream, _) = listener.accept().await.context("failed to accept a connection")?;
        stream.set_nodelay(true).context("failed to set up a connection")?;
        let connection = Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes.clone()));
        // A connection that breaks is the client's affair.
        tokio::spawn(async move { connection.await.ok() });
    }
}

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::telemetry::{self, SPANS_DROPPED, SPANS_EXPORTED, Span, SpanQueue};

/// Spans in one request at most.
const BATCH: usize = 512;
/// How long a batch is filled after its first span.
const FILL: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(5);
/// Waits before the second and the third try; after that the batch is given up, since newer spans wait behind it.
const RETRIES: &[Duration] = &[Duration::from_millis(500), Duration::from_secs(2)];
/// What the last spans get when the platform stops.
const FLUSH: Duration = Duration::from_secs(3);

/// Carries spans to the collector, in OTLP over HTTP with its JSON encoding.
pub(super) struct Exporter {
    http: reqwest::Client,
    endpoint: String,
    queue: SpanQueue,
    /// So that an outage is told once.
    is_refused: bool,
}

/// Why a collector has not taken a batch.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("the collector cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the collector answers {0}")]
    Status(u16),
}

impl ExportError {
    /// What the protocol says may be tried again.
    const fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Status(429 | 502 | 503 | 504))
    }
}

impl Exporter {
    /// Posts what `queue` brings to `endpoint`, a whole URL.
    pub(super) fn new(endpoint: &str, queue: SpanQueue) -> Self {
        // Fails where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        // In clear text nothing is verified, so a machine without certificates can still send to its own collector.
        let http = if endpoint.starts_with("https://") { http } else { http.tls_certs_only([]) };
        Self { http: http.build().unwrap_or_default(), endpoint: endpoint.to_owned(), queue, is_refused: false }
    }

    /// Exports until told to stop, then what is still queued, within a limit.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(()) = stop.run_until_cancelled(self.fill(&mut batch)).await {
            if stop.run_until_cancelled(self.send(&batch)).await.is_none() {
                break;
            }
            batch.clear();
        }
        self.queue.close();
        if tokio::time::timeout(FLUSH, self.flush(batch)).await.is_err() {
            tracing::warn!("the last spans were not exported in time");
        }
    }

    /// Waits for spans, and a little longer for more of them.
    async fn fill(&mut self, batch: &mut Vec<Span>) {
        if batch.is_empty() && self.queue.recv_many(batch, BATCH).await == 0 {
            // The queue lives as long as the process.
            std::future::pending::<()>().await;
        }
        let full = async {
            while batch.len() < BATCH {
                let room = BATCH - batch.len();
                if self.queue.recv_many(batch, room).await == 0 {
                    return;
                }
            }
        };
        // Whether the batch is full or the time is up comes to the same.
        let _ = tokio::time::timeout(FILL, full).await;
    }

    async fn flush(&mut self, mut batch: Vec<Span>) {
        loop {
            if !batch.is_empty() {
                self.send(&batch).await;
                batch.clear();
            }
            if self.queue.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
        }
    }

    async fn send(&mut self, batch: &[Span]) {
        let body = telemetry::export_request(batch).to_string();
        let spans = batch.len() as u64;
        let mut waits = RETRIES.iter();
        let error = loop {
            match self.post(body.clone()).await {
                Ok(()) => {
                    telemetry::count(&SPANS_EXPORTED, &[], spans);
                    if std::mem::take(&mut self.is_refused) {
                        tracing::info!("the collector takes spans again");
                    }
                    return;
                }
                Err(error) => match waits.next().filter(|_| error.is_transient()) {
                    Some(wait) => tokio::time::sleep(*wait).await,
                    None => break error,
                },
            }
        };
        telemetry::count(&SPANS_DROPPED, &[("reason", "refused")], spans);
        if !std::mem::replace(&mut self.is_refused, true) {
            tracing::warn!(%error, spans, "spans were dropped; the platform goes on without them");
        }
    }

    async fn post(&self, body: String) -> Result<(), ExportError> {
        let request = self.http.post(&self.endpoint).header("content-type", "application/json").body(body);
        let answer = request.send().await.map_err(ExportError::Unreachable)?;
        if answer.status().is_success() { Ok(()) } else { Err(ExportError::Status(answer.status().as_u16())) }
    }
}

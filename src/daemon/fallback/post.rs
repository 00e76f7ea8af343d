use std::time::Duration;

use serde::Deserialize;

use crate::config::Secret;
use crate::daemon::internal::TOPIC_HEADER;
use crate::store::Unpublished;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(10);

/// What became of a posted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Posted {
    /// The group has dealt with it, or leaves it for the log.
    Taken,
    /// This version must come first.
    Wanted(i64),
}

/// A group cannot be reached, or takes nothing at present.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("it cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    #[error("it answers {0}")]
    Status(u16),
}

/// Posts envelopes to the internal routes of groups; cheap to clone.
#[derive(Clone)]
pub(super) struct Poster {
    http: reqwest::Client,
    token: Secret,
}

#[derive(Deserialize)]
struct Conflict {
    details: Wanted,
}

#[derive(Deserialize)]
struct Wanted {
    wanted_version: i64,
}

impl Poster {
    pub(super) fn new(token: Secret) -> Self {
        // Fails where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            let builder = reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).no_proxy();
            builder.redirect(reqwest::redirect::Policy::none())
        };
        // On a machine without certificates only clear text works, and a call to https says so.
        let http = client().build().or_else(|_| client().tls_certs_only([]).build());
        Self { http: http.unwrap_or_default(), token }
    }

    /// Posts one event to the service at `base`.
    pub(super) async fn post(&self, base: &str, event: &Unpublished) -> Result<Posted, PostError> {
        let request = self.http.post(format!("{base}/internal/events")).header("content-type", "application/json");
        let request = request.header("x-internal-token", self.token.expose()).header(TOPIC_HEADER, event.topic.name());
        let answer = request.body(event.value.clone()).send().await?;
        match answer.status().as_u16() {
            200 => Ok(Posted::Taken),
            409 => Ok(Posted::Wanted(answer.json::<Conflict>().await?.details.wanted_version)),
            status => Err(PostError::Status(status)),
        }
    }
}

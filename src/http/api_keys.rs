use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::event::sha256_hex;
use crate::store::{ApiKey, Store, StoreError};

/// How long a looked-up key is believed: a revoked key ends within this time.
const KEY_TTL: Duration = Duration::from_millis(900);
/// Keys remembered at most, so that guessing cannot fill the memory.
const MAX_CACHED_KEYS: usize = 10_000;

/// What was found for a hash, and when.
type Seen = HashMap<String, (Instant, Option<ApiKey>)>;

/// Looks up merchants' API keys by their hash, remembering each for less than a second.
#[derive(Clone)]
pub struct ApiKeys {
    store: Store,
    seen: Arc<Mutex<Seen>>,
}

impl ApiKeys {
    /// Reads keys from `store`.
    pub fn new(store: Store) -> Self {
        Self { store, seen: Arc::default() }
    }

    /// The live key of this text.
    pub(super) async fn find(&self, key: &str) -> Result<Option<ApiKey>, StoreError> {
        let hash = sha256_hex(key.as_bytes());
        if let Some((at, found)) = self.lock().get(&hash)
            && at.elapsed() < KEY_TTL
        {
            return Ok(found.clone());
        }
        let wanted = hash.clone();
        let found = self.store.read(async move |tx| tx.live_api_key(&wanted).await).await?;
        let mut seen = self.lock();
        if seen.len() >= MAX_CACHED_KEYS {
            seen.clear();
        }
        seen.insert(hash, (Instant::now(), found.clone()));
        drop(seen);
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

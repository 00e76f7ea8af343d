use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::domain::MerchantId;
use crate::http::{ApiError, ErrorCode};

const MAX_KEY_CHARS: usize = 255;
/// How long a key counts.
pub(super) const KEPT_DAYS: i64 = 30;

/// Checks the values of the header `Idempotency-Key`: none, or one of 1 to 255 visible characters.
pub(super) fn parse_key<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Result<Option<String>, ApiError> {
    let Some(value) = values.next() else { return Ok(None) };
    let usable = (1..=MAX_KEY_CHARS).contains(&value.len()) && value.iter().all(|b| (0x20..0x7f).contains(b)) && values.next().is_none();
    let key = std::str::from_utf8(value).ok().filter(|_| usable);
    key.map(|key| Some(key.to_owned())).ok_or_else(|| {
        ApiError::field("Idempotency-Key", format!("Idempotency-Key is sent once, with 1 to {MAX_KEY_CHARS} visible ASCII characters"))
    })
}

/// What makes two requests the same: method, path and body, as hex SHA-256.
pub(super) fn fingerprint(method: &str, path: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    // Neither a method nor a path can hold a line break, so the parts cannot run into each other.
    for part in [method.as_bytes(), b"\n", path.as_bytes(), b"\n", body] {
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Whether the answer to a key is kept: what the caller has to correct, or what may pass, is not.
pub(super) const fn is_kept(status: u16) -> bool {
    !matches!(status, 400 | 401 | 413 | 429 | 500..)
}

type Keys = Arc<Mutex<HashSet<(MerchantId, String)>>>;

/// The keys whose requests have no answer yet.
#[derive(Clone, Default)]
pub(super) struct InFlight(Keys);

/// A key in flight; it ends when released or dropped, whichever comes first.
pub(super) struct Flight {
    keys: Keys,
    entry: (MerchantId, String),
    over: AtomicBool,
}

impl InFlight {
    /// Takes off with `key`, unless a request with it is in the air.
    pub(super) fn take_off(&self, merchant_id: MerchantId, key: &str) -> Result<Flight, ApiError> {
        let entry = (merchant_id, key.to_owned());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone()) {
            return Ok(Flight { keys: Arc::clone(&self.0), entry, over: AtomicBool::new(false) });
        }
        Err(ApiError::new(ErrorCode::Conflict, "a request with this Idempotency-Key has no answer yet; send it again in a moment"))
    }
}

impl Flight {
    pub(super) fn merchant_id(&self) -> MerchantId {
        self.entry.0
    }

    pub(super) fn key(&self) -> &str {
        &self.entry.1
    }

    /// Ends it, so that the caller can use the key again as soon as it has its answer.
    pub(super) fn end(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_header_of_visible_characters() {
        let one = |value: &[u8]| parse_key(std::iter::once(value)).map(Option::unwrap);
        assert_eq!(parse_key(std::iter::empty()).unwrap(), None);
        assert_eq!(one(b"order 1").unwrap(), "order 1");
        assert_eq!(one(&[b'k'; 255]).unwrap().len(), 255);
        for bad in [&b""[..], &[b'k'; 256], b"a\tb", "schlüssel".as_bytes()] {
            assert_eq!(one(bad).unwrap_err().code, ErrorCode::InvalidRequest, "{bad:?}");
        }
        assert!(parse_key([&b"a"[..], b"a"].into_iter()).is_err());
    }

    #[test]
    fn a_fingerprint_tells_method_path_and_body_apart() {
        let all = [("POST", "/a", "x"), ("PUT", "/a", "x"), ("POST", "/b", "x"), ("POST", "/a", "y"), ("POST", "/", "ax")];
        let distinct: HashSet<String> = all.iter().map(|(method, path, body)| fingerprint(method, path, body.as_bytes())).collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn business_answers_are_kept_and_others_are_not() {
        assert!([201, 403, 404, 409, 422].into_iter().all(is_kept));
        assert!(![400, 401, 413, 429, 500, 503].into_iter().any(is_kept));
    }

    #[test]
    fn a_key_can_be_used_again_once_its_request_has_an_answer() {
        let (keys, merchant) = (InFlight::default(), MerchantId(uuid::Uuid::nil()));
        let first = keys.take_off(merchant, "k").unwrap();
        assert_eq!(keys.take_off(merchant, "k").err().map(|error| error.code), Some(ErrorCode::Conflict));
        assert!(keys.take_off(MerchantId(uuid::Uuid::max()), "k").is_ok());
        first.end();
        let second = keys.take_off(merchant, "k").unwrap();
        drop(first);
        assert!(keys.take_off(merchant, "k").is_err(), "the end of the first must not end the second");
        drop(second);
        assert!(keys.take_off(merchant, "k").is_ok());
    }
}

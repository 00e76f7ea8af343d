use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::DateTime;
use uuid::Uuid;

use crate::domain::{NumberKind, Timestamp, number};

/// The clock and the randomness of this process, passed to whoever needs them; nothing else reads either.
#[derive(Debug, Clone)]
pub struct Ambient(Arc<Source>);

#[derive(Debug)]
enum Source {
    System,
    Fixed { micros: AtomicI64, counter: AtomicU64 },
}

impl Ambient {
    /// The system's clock and randomness.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands still until [`Ambient::advance`] and a countable randomness, for tests and snapshots.
    pub fn fixed(start: Timestamp) -> Self {
        Self(Arc::new(Source::Fixed { micros: AtomicI64::new(start.timestamp_micros()), counter: AtomicU64::new(0) }))
    }

    /// The present moment, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let micros = match &*self.0 {
            Source::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
            }
            Source::Fixed { micros, .. } => micros.load(Ordering::Relaxed),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// Moves a fixed clock on; a system clock goes by itself.
    pub fn advance(&self, by: std::time::Duration) {
        if let Source::Fixed { micros, .. } = &*self.0 {
            micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    /// 64 random bits.
    pub fn random_u64(&self) -> u64 {
        match &*self.0 {
            Source::System => rand::random(),
            Source::Fixed { counter, .. } => counter.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// 32 random bytes, for secrets.
    pub fn random_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for chunk in bytes.as_chunks_mut::<8>().0 {
            *chunk = self.random_u64().to_be_bytes();
        }
        bytes
    }

    /// A new `UUIDv7`.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or(0);
        let mut random = [0; 10];
        let high = self.random_u64().to_be_bytes();
        let low = self.random_u64().to_be_bytes();
        for (place, byte) in random.iter_mut().zip(high.iter().skip(6).chain(low.iter())) {
            *place = *byte;
        }
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A new number of `kind`, such as `PY…`.
    pub fn number(&self, kind: NumberKind) -> String {
        number(kind, self.now(), self.random_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_source_repeats_itself_and_moves_only_when_told() {
        let start = DateTime::from_timestamp(1_767_323_045, 0).unwrap();
        let (one, two) = (Ambient::fixed(start), Ambient::fixed(start));
        assert_eq!(one.uuid(), two.uuid());
        assert_ne!(one.uuid(), one.uuid());
        one.advance(std::time::Duration::from_secs(1));
        assert_eq!((one.now() - two.now()).num_seconds(), 1);
    }

    #[test]
    fn ids_are_version_seven_and_sort_by_time() {
        let ambient = Ambient::system();
        assert_eq!(ambient.uuid().get_version_num(), 7);
    }
}

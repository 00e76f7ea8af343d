use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::domain::MerchantId;
use crate::event::sha256_hex;
use crate::http::{ApiError, ErrorCode};
use crate::store::{ApiKey, Store, StoreError, Tx};

use super::store::{self, Merchant};

/// How long a merchant is believed: a freeze takes hold within this time.
const TTL: Duration = Duration::from_millis(900);
/// The merchant of the development profile.
const DEVELOPMENT_MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0x2e42_829e_b6aa_4e63_964d_a45a_49af_106c));
/// Its keys; no other profile starts with them.
const DEVELOPMENT_KEYS: [&str; 2] = ["test-api-key-123", "test-key"];

type Seen = HashMap<MerchantId, (Instant, Option<Merchant>)>;

/// The merchants, each remembered for less than a second.
pub(super) struct Merchants {
    store: Store,
    seen: Mutex<Seen>,
}

impl Merchants {
    pub(super) fn new(store: Store) -> Self {
        Self { store, seen: Mutex::default() }
    }

    /// The merchant's fee in basis points, if it may take payments.
    pub(super) async fn fee_bps(&self, id: MerchantId) -> Result<i64, ApiError> {
        match self.find(id).await? {
            Some(merchant) if merchant.status == "active" => Ok(merchant.fee_bps),
            Some(merchant) if merchant.status == "frozen" => {
                Err(ApiError::new(ErrorCode::MerchantFrozen, "this merchant is frozen and takes no payments"))
            }
            _ => Err(ApiError::new(ErrorCode::Forbidden, "this merchant is not active and takes no payments")),
        }
    }

    async fn find(&self, id: MerchantId) -> Result<Option<Merchant>, StoreError> {
        if let Some((at, found)) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&id)
            && at.elapsed() < TTL
        {
            return Ok(found.clone());
        }
        let found = self.store.read(async move |tx| store::find_merchant(tx, id).await).await?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (Instant::now(), found.clone()));
        Ok(found)
    }
}

/// Puts the development profile's merchant and its keys in place; running it again changes nothing.
pub async fn seed_development(tx: &mut Tx, fee_bps: i64) -> Result<(), StoreError> {
    let merchant = Merchant { status: "active".to_owned(), fee_bps };
    store::save_merchant(tx, DEVELOPMENT_MERCHANT, "Development merchant", "merchant@example.com", &merchant).await?;
    for (index, key) in DEVELOPMENT_KEYS.into_iter().enumerate() {
        let api_key = ApiKey { key_id: format!("development-{}", index + 1), merchant_id: DEVELOPMENT_MERCHANT };
        tx.add_api_key(&api_key, &sha256_hex(key.as_bytes()), "development").await?;
    }
    Ok(())
}

/// Whether a key of the development profile is live: then no other profile may start.
pub async fn default_keys_present(tx: &mut Tx) -> Result<bool, StoreError> {
    let hashes = DEVELOPMENT_KEYS.map(|key| sha256_hex(key.as_bytes()));
    tx.has_live_api_key(&hashes).await
}

use crate::domain::{MerchantId, Timestamp};

use super::{StoreError, Tx};

/// A merchant's API key; only its hash is ever stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key without giving it away.
    pub key_id: String,
    /// Whose it is.
    pub merchant_id: MerchantId,
}

/// An API key as an operator sees it: never the key, which is nowhere, nor its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyView {
    /// Names the key without giving it away.
    pub key_id: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

impl Tx {
    /// A merchant's keys, live and revoked, oldest first.
    pub async fn api_keys_of(&mut self, merchant: MerchantId) -> Result<Vec<ApiKeyView>, StoreError> {
        let sql = "SELECT key_id, label, created_at, revoked_at FROM api_keys WHERE merchant_id = $1 ORDER BY created_at, key_id";
        let rows = self.query(sql, &[merchant.into()]).await?;
        rows.iter()
            .map(|row| Ok(ApiKeyView { key_id: row.get(0)?, label: row.get(1)?, created_at: row.get(2)?, revoked_at: row.get(3)? }))
            .collect()
    }

    /// The key with this SHA-256 (hex), unless it is unknown or revoked.
    pub async fn live_api_key(&mut self, key_hash: &str) -> Result<Option<ApiKey>, StoreError> {
        let row = self
            .query_one("SELECT key_id, merchant_id FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL", &[key_hash.into()])
            .await?;
        row.map(|row| Ok(ApiKey { key_id: row.get(0)?, merchant_id: row.get(1)? })).transpose()
    }

    /// Adds a key by its hash; a key that is there already stays as it is.
    pub async fn add_api_key(&mut self, key: &ApiKey, key_hash: &str, label: &str) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "INSERT INTO api_keys (key_id, key_hash, merchant_id, label, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            &[(&key.key_id).into(), key_hash.into(), key.merchant_id.into(), label.into(), now.into()],
        )
        .await?;
        Ok(())
    }

    /// Whether any live key has one of these hashes.
    pub async fn has_live_api_key(&mut self, key_hashes: &[String]) -> Result<bool, StoreError> {
        for hash in key_hashes {
            if self.live_api_key(hash).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

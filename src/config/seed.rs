/// The merchant that the development profile starts with.
pub const SEEDED_MERCHANT: &str = "2e42829e-b6aa-4e63-964d-a45a49af106c";

/// That merchant's API keys. Everybody knows them, so any other profile refuses to start with one.
pub const SEEDED_API_KEYS: &[&str] = &["test-api-key-123", "test-key"];

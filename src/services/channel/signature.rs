use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::Secret;
use crate::domain::Timestamp;

/// The `Stripe-Signature` of a webhook: scheme v1, HMAC-SHA256 over the time, a dot and the raw body.
pub fn sign(secret: &Secret, at: Timestamp, body: &str) -> String {
    let t = at.timestamp();
    // HMAC takes a key of any length, so there is nothing to fail here.
    let tag = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map(|mut mac| {
        mac.update(t.to_string().as_bytes());
        mac.update(b".");
        mac.update(body.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    });
    format!("t={t},v1={}", tag.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_timestamp;

    #[test]
    fn a_signature_is_what_openssl_computes() {
        // printf '1767323045.{"a":1}' | openssl dgst -sha256 -hmac whsec_of_tests
        let at = parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap();
        assert_eq!(
            sign(&Secret::new("whsec_of_tests"), at, r#"{"a":1}"#),
            "t=1767323045,v1=bea81c612b460ac963610aaa3184defbc5a9cb27b0709e3c63ea506d5b13fafa"
        );
    }
}

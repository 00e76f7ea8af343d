use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::Secret;

/// The longest header that is looked at; Stripe's own stay below 400 bytes.
const MAX_HEADER_BYTES: usize = 1024;
/// The most signatures that are compared.
const MAX_SIGNATURES: usize = 16;
/// How far the signer's clock may be from ours, in either direction, in seconds.
const TOLERANCE_S: i64 = 300;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignatureError {
    /// There is no header, or more than one.
    #[error("the header Stripe-Signature is missing or sent twice")]
    Missing,
    /// The header is not of the form `t=…,v1=…`, or too long.
    #[error("the header Stripe-Signature is malformed")]
    Malformed,
    /// It was signed too long ago, or in the future.
    #[error("the signature's time is more than {TOLERANCE_S} seconds away from the platform's clock")]
    Untimely,
    /// No secret of ours gives any of the signatures.
    #[error("no signature matches")]
    Mismatch,
}

impl SignatureError {
    /// The label in metrics.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Untimely => "untimely",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Checks a `Stripe-Signature` over the bytes of a body exactly as they came (scheme v1, any of `secrets`).
pub(super) fn verify(header: &[u8], body: &[u8], secrets: &[Secret], now_s: i64) -> Result<(), SignatureError> {
    let (time, signatures) = parse(header)?;
    let seconds: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    if now_s.abs_diff(seconds) > TOLERANCE_S.unsigned_abs() {
        return Err(SignatureError::Untimely);
    }
    let matches = secrets.iter().any(|secret| {
        signatures.iter().any(|signature| {
            let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
            // `verify_slice` compares in constant time.
            mac.chain_update(time).chain_update(b".").chain_update(body).verify_slice(signature).is_ok()
        })
    });
    if matches { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// The time as it was signed, and the v1 signatures; other schemes are no signatures to us.
fn parse(header: &[u8]) -> Result<(&str, Vec<[u8; 32]>), SignatureError> {
    if header.len() > MAX_HEADER_BYTES {
        return Err(SignatureError::Malformed);
    }
    let text = std::str::from_utf8(header).map_err(|_| SignatureError::Malformed)?;
    let mut time = None;
    let mut signatures = Vec::new();
    for item in text.split(',') {
        let (name, value) = item.split_once('=').ok_or(SignatureError::Malformed)?;
        match name.trim() {
            "t" if time.is_none() && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => time = Some(value),
            "t" => return Err(SignatureError::Malformed),
            "v1" => {
                let mut signature = [0; 32];
                hex::decode_to_slice(value, &mut signature).map_err(|_| SignatureError::Malformed)?;
                signatures.push(signature);
            }
            _ => {}
        }
    }
    if signatures.len() > MAX_SIGNATURES {
        return Err(SignatureError::Malformed);
    }
    Ok((time.ok_or(SignatureError::Malformed)?, signatures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_767_323_045;
    const BODY: &[u8] = br#"{"id":"evt_1","type":"payment_intent.succeeded"}"#;

    fn sign(secret: &str, time: i64, body: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        hex::encode(mac.chain_update(time.to_string()).chain_update(b".").chain_update(body).finalize().into_bytes())
    }

    fn check(header: &str, body: &[u8]) -> Result<(), SignatureError> {
        verify(header.as_bytes(), body, &[Secret::new("whsec_new"), Secret::new("whsec_old")], NOW)
    }

    /// Computed with another language's HMAC: `hmac.new(b"whsec_new", b"1767323045." + body, "sha256").hexdigest()`.
    #[test]
    fn a_signature_made_elsewhere_by_the_documented_scheme_is_accepted() {
        let signature = "85dc21e22f93e9b31ea6879d98a049c9df17963f07de95ce5dd35757c69a414c";
        assert_eq!(check(&format!("t={NOW},v1={signature}"), BODY), Ok(()));
    }

    #[test]
    fn any_secret_and_any_of_several_signatures_will_do() {
        let (new, old, other) = (sign("whsec_new", NOW, BODY), sign("whsec_old", NOW, BODY), sign("whsec_other", NOW, BODY));
        for header in [
            format!("t={NOW},v1={new}"),
            format!("t={NOW},v1={old}"),
            format!("t={NOW},v1={other},v1={old}"),
            format!("t={NOW},v0={other},v1={new}"),
            format!("v1={new},t={NOW}"),
            format!("t={NOW}, v1={new}"),
        ] {
            assert_eq!(check(&header, BODY), Ok(()), "{header}");
        }
        assert_eq!(check(&format!("t={NOW},v1={other}"), BODY), Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_time_may_be_five_minutes_off_in_either_direction_and_no_more() {
        for (offset, expected) in
            [(-300, Ok(())), (300, Ok(())), (-301, Err(SignatureError::Untimely)), (301, Err(SignatureError::Untimely))]
        {
            let header = format!("t={},v1={}", NOW + offset, sign("whsec_new", NOW + offset, BODY));
            assert_eq!(check(&header, BODY), expected, "{offset}");
        }
    }

    #[test]
    fn every_altered_bit_of_the_body_is_noticed() {
        let header = format!("t={NOW},v1={}", sign("whsec_new", NOW, BODY));
        for place in 0..BODY.len() * 8 {
            let mut altered = BODY.to_vec();
            altered[place / 8] ^= 1 << (place % 8);
            assert_eq!(check(&header, &altered), Err(SignatureError::Mismatch), "bit {place}");
        }
    }

    #[test]
    fn headers_of_another_form_are_refused() {
        let good = sign("whsec_new", NOW, BODY);
        for header in [
            String::new(),
            "t".to_owned(),
            format!("v1={good}"),
            format!("t={NOW},t={NOW},v1={good}"),
            format!("t=,v1={good}"),
            format!("t=+{NOW},v1={good}"),
            format!("t=-1,v1={good}"),
            format!("t=99999999999999999999,v1={good}"),
            format!("t={NOW},v1={}", &good[..62]),
            format!("t={NOW},v1={good}00"),
            format!("t={NOW},v1={}", "z".repeat(64)),
            format!("t={NOW}{}", format!(",v1={good}").repeat(10_000)),
            format!("t={NOW}{}", ",v1=".repeat(10_000)),
            format!("t={NOW}{}", ",x=1".repeat(300)),
        ] {
            assert_eq!(check(&header, BODY), Err(SignatureError::Malformed), "{header:.60}");
        }
        for header in [format!("t={NOW}"), format!("t={NOW},v0={good}")] {
            assert_eq!(check(&header, BODY), Err(SignatureError::Mismatch), "{header}");
        }
    }

    #[test]
    fn without_a_secret_nothing_is_believed() {
        let header = format!("t={NOW},v1={}", sign("", NOW, BODY));
        assert_eq!(verify(header.as_bytes(), BODY, &[], NOW), Err(SignatureError::Mismatch));
    }

    proptest! {
        #[test]
        fn any_header_is_judged_without_a_panic(header in proptest::collection::vec(any::<u8>(), 0..200), now in any::<i64>()) {
            prop_assert!(verify(&header, BODY, &[Secret::new("whsec_new")], now).is_err());
        }
    }
}

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MAX_EMAIL_CHARS: usize = 254;

/// An e-mail address. It does not print: `Debug` and `Display` show a mask, [`Email::expose`] is the one way to the text.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// The text is not an address that mail could be sent to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The address itself, for storing and for sending mail.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// First letter and domain: `t***@example.com`.
    pub fn masked(&self) -> String {
        masked_address(&self.0).concat()
    }

    /// An address read back from storage or from an event; what was accepted once is not judged again.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// What is shown of an address, piece by piece.
pub fn masked_address(address: &str) -> [&str; 3] {
    match address.split_once('@') {
        Some((local, domain)) => {
            let first = local.chars().next().and_then(|first| local.get(..first.len_utf8()));
            [first.unwrap_or("*"), "***@", domain]
        }
        None if address.is_empty() => ["", "", ""],
        None => ["***", "", ""],
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((local, domain)) = text.rsplit_once('@') else { return Err(InvalidEmail) };
        let visible = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '\\');
        let domain_ok = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        if local.is_empty() || local.contains('@') || text.len() > MAX_EMAIL_CHARS || !domain_ok || !text.chars().all(visible) {
            return Err(InvalidEmail);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_prints_masked() {
        let email: Email = "test@example.com".parse().unwrap();
        assert_eq!(format!("{email} {email:?}"), "t***@example.com t***@example.com");
        assert_eq!(email.expose(), "test@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "x", "@example.com", "a@b", "a b@example.com", "a@example..com", "a@example.com\n", "a<b@example.com", "a@b@example.com"]
        {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_mask_keeps_the_first_letter_and_the_domain_only(local in "[a-z]{2,20}", domain in "[a-z]{1,8}\\.[a-z]{2,4}") {
            let email: Email = format!("{local}@{domain}").parse().unwrap();
            prop_assert_eq!(email.to_string(), format!("{}***@{domain}", &local[..1]));
        }

        #[test]
        fn any_text_is_judged_and_masked_without_a_panic(text in any::<String>()) {
            let accepted = text.parse::<Email>().is_ok();
            prop_assert!(!accepted || (text.contains('@') && !text.contains(char::is_whitespace)));
            let masked = Email::stored(&text).masked();
            prop_assert!(text.contains('@') || text.is_empty() || masked == "***");
        }
    }
}

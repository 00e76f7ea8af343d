//! JSON in the one form in which we write what needs no escapes. It can be passed on as it lies there, without decoding it.

use memchr::memchr;

use crate::domain::plain_timestamp;

/// Longer whole numbers may not fit in 64 bits.
const MAX_DIGITS: usize = 18;

/// Whether all of these bytes may stand in JSON as they are; of quotation marks the reader has to judge.
#[expect(clippy::needless_bitwise_bool, reason = "without a way out in the middle many bytes are judged at once")]
pub fn is_unescaped(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |found, byte| found | (*byte < b' ') | (*byte == b'\\'))
}

/// Whether a text between quotation marks is its own JSON.
pub fn is_plain_text(text: &str) -> bool {
    is_unescaped(text.as_bytes()) && memchr(b'"', text.as_bytes()).is_none()
}

/// Reads such JSON from its start to its end. Every question names what stands before the answer, and is answered with `None` where
/// anything else stands there, however right that may be as JSON: whoever asks then decodes all of it.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a>(&'a str);

impl<'a> Plain<'a> {
    /// JSON without any escapes.
    pub fn of(json: &'a [u8]) -> Option<Self> {
        if is_unescaped(json) { std::str::from_utf8(json).ok().map(Self) } else { None }
    }

    /// What has not been read yet.
    pub const fn rest(&self) -> &'a str {
        self.0
    }

    /// Passes over what is known.
    pub fn literal(&mut self, known: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(known)?;
        Some(())
    }

    /// A text; what stands before it ends with its quotation mark.
    pub fn text(&mut self, before: &str) -> Option<&'a str> {
        self.literal(before)?;
        let end = memchr(b'"', self.0.as_bytes())?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        Some(text)
    }

    /// A UUID in lower case with hyphens.
    pub fn uuid(&mut self, before: &str) -> Option<&'a str> {
        self.text(before).filter(|text| is_lower_uuid(text))
    }

    /// A time in UTC, with no more decimals than it needs.
    pub fn time(&mut self, before: &str) -> Option<&'a str> {
        self.text(before).filter(|text| plain_timestamp(text).is_some_and(|(_, digits)| digits.len() + 1 == text.len()))
    }

    /// A whole number that fits in 64 bits.
    pub fn integer(&mut self, before: &str) -> Option<&'a str> {
        self.literal(before)?;
        let end = self.0.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'-')?;
        let (number, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_usual = digits.len() <= MAX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        (is_usual && (number == "0" || digits.bytes().next().is_some_and(|first| first != b'0'))).then_some(number)
    }
}

/// Without a way out in the middle, too.
fn is_lower_uuid(text: &str) -> bool {
    let Ok(bytes) = <&[u8; 36]>::try_from(text.as_bytes()) else { return false };
    bytes.iter().enumerate().fold(true, |is_one, (at, byte)| {
        is_one & if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_digit() | matches!(byte, b'a'..=b'f') }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_be_written_otherwise_is_not_plain() {
        let read = |json: &'static str| Plain::of(json.as_bytes());
        assert!(read("\"a\\u0041\"").is_none() && read("{\n}").is_none());
        let number = |json: &'static str| read(json).and_then(|mut plain| plain.integer("").map(|number| (number, plain.rest())));
        for json in ["", "7", "-0,", "01,", "-,", "--1,", "1-1,", "1000000000000000000,", "\"1\","] {
            assert_eq!(number(json), None, "{json}");
        }
        assert_eq!(number("-10}"), Some(("-10", "}")));
        assert_eq!(number("0.5,"), Some(("0", ".5,")), "what follows is for the next question to refuse");
        let id = |json: &'static str| read(json).and_then(|mut plain| plain.uuid("\""));
        assert_eq!(id("\"01a2087a-4894-7615-b68a-4e6ab0c6d746\""), Some("01a2087a-4894-7615-b68a-4e6ab0c6d746"));
        for json in ["\"01A2087a-4894-7615-b68a-4e6ab0c6d746\"", "\"01a2087a48947615b68a4e6ab0c6d746\"", "\"\"", "\"01a2"] {
            assert_eq!(id(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_is_its_own_json(text in any::<String>()) {
            prop_assert_eq!(is_plain_text(&text), serde_json::to_string(&text).unwrap() == format!("\"{text}\""));
        }

        #[test]
        fn a_uuid_is_plain_as_it_is_written(id in any::<u128>(), at in 0usize..36, other in "[0-9a-fA-Fg-]") {
            let mut text = uuid::Uuid::from_u128(id).to_string();
            prop_assert!(is_lower_uuid(&text));
            text.replace_range(at..=at, &other);
            prop_assert_eq!(is_lower_uuid(&text), uuid::Uuid::parse_str(&text).is_ok_and(|read| read.to_string() == text));
        }

        #[test]
        fn whole_numbers_are_read_as_they_are_written(number in any::<i64>(), small in -1000i64..1000) {
            for number in [number, small] {
                let json = format!("\"n\":{number},");
                let read = Plain::of(json.as_bytes()).unwrap().integer("\"n\":").map(str::to_owned);
                let digits = number.unsigned_abs().to_string().len();
                prop_assert_eq!(read, (digits <= MAX_DIGITS).then(|| number.to_string()));
            }
        }
    }
}

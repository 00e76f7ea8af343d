use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::event::{Plain, Record};

/// So many headers has a record of ours.
const USUAL: usize = 9;

/// A record's headers. They are told with the values left out of those that are not the platform's own, which may say anything.
#[derive(Clone)]
pub struct Headers(String);

impl Headers {
    pub(super) fn of(record: &Record) -> Self {
        Self(record.headers.clone())
    }

    /// The value of one of them as it is.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.pairs().into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// Names and values, as they may be shown.
    pub(super) fn shown(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        self.pairs().into_iter().map(|(name, value)| if is_ours(&name) { (name, value) } else { (name, left_out(&value)) }).collect()
    }

    fn pairs(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        serde_json::from_str::<Pairs<'_>>(&self.0).map(|pairs| pairs.0).unwrap_or_default()
    }
}

/// Whether the platform writes a header of this name itself: ids, types and times.
fn is_ours(name: &str) -> bool {
    let is_usual = matches!(
        name,
        "event_id"
            | "event_type"
            | "aggregate_type"
            | "aggregate_id"
            | "aggregate_version"
            | "timestamp"
            | "version"
            | "sha256"
            | "traceparent"
    );
    is_usual || name.starts_with("payctl-") || name.starts_with("__dlq.errors.")
}

/// A record's headers as they may be shown, as JSON; `None` where that takes more than copying them.
pub(super) fn plain_headers(record: &Record) -> Option<&str> {
    let mut json = Plain::of(record.headers.as_bytes())?;
    let mut before = "{\"";
    loop {
        json.text(before).filter(|name| is_ours(name))?;
        json.text(":\"")?;
        if json.rest() == "}" {
            return Some(&record.headers);
        }
        before = ",\"";
    }
}

fn left_out(value: &str) -> Cow<'static, str> {
    Cow::Owned(format!("[{} bytes]", value.len()))
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shown()).finish()
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.shown())
    }
}

/// An object of texts.
struct Pairs<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor).map(Self)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Vec<(Cow<'de, str>, Cow<'de, str>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::with_capacity(USUAL);
        while let Some((name, value)) = map.next_entry::<Text<'de>, Text<'de>>()? {
            pairs.push((name.0, value.0));
        }
        Ok(pairs)
    }
}

/// A text, borrowed where JSON needs no escapes for it; of what is no text its JSON.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed("null"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(headers: &str) -> serde_json::Value {
        serde_json::to_value(Headers(headers.to_owned())).unwrap()
    }

    #[test]
    fn our_headers_are_told_and_of_others_only_how_long_they_are() {
        let headers = r#"{"event_type":"payment.created","payctl-attempts":"3","who":"a@example.com","quoted":"\"\\","n":7}"#;
        let shown = serde_json::json!({
            "event_type": "payment.created", "payctl-attempts": "3", "who": "[13 bytes]", "quoted": "[2 bytes]", "n": "[1 bytes]"
        });
        assert_eq!(told(headers), shown);
        assert!(!format!("{:?}", Headers(headers.to_owned())).contains("a@example.com"));
    }

    #[test]
    fn what_is_no_object_has_no_headers() {
        assert_eq!([told(""), told("[]"), told("{}")], [serde_json::json!({}), serde_json::json!({}), serde_json::json!({})]);
    }
}

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Why a body is not the JSON that was asked for. It says where, never what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidJson {
    /// Not JSON, not UTF-8, or nested too deeply.
    #[error("the body is not valid JSON (line {line}, column {column})")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// An object names a key twice.
    #[error("the body names a key twice in one object (line {line}, column {column})")]
    DuplicateKey {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Valid JSON, but a field is missing or of the wrong type.
    #[error("{0}")]
    Shape(String),
}

/// Reads JSON, refusing duplicate keys at any depth: two readers would disagree on which one counts.
pub fn parse_strict<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, InvalidJson> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Unique.deserialize(&mut reader).and_then(|()| reader.end()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.classify() == serde_json::error::Category::Data {
            InvalidJson::DuplicateKey { line, column }
        } else {
            InvalidJson::Malformed { line, column }
        }
    })?;
    serde_json::from_slice(bytes).map_err(|error| InvalidJson::Shape(shape(&error)))
}

/// serde's own words for missing fields are safe to repeat; those for wrong types quote the value, so they are replaced.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let safe = text.starts_with("missing field") || text.starts_with("unknown field");
    if safe { text } else { format!("a field has the wrong type or form (line {}, column {})", error.line(), error.column()) }
}

/// Walks a document without building it, and fails at a repeated key.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key) {
                return Err(A::Error::custom("duplicate key"));
            }
            map.next_value_seed(Self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Body {
        #[expect(dead_code, reason = "only its presence and type matter here")]
        amount: i64,
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        for text in [r#"{"amount":1,"amount":2}"#, r#"{"amount":1,"x":{"a":1,"a":1}}"#, r#"{"amount":1,"x":[{"a":1,"\u0061":1}]}"#] {
            assert!(matches!(parse_strict::<Body>(text.as_bytes()), Err(InvalidJson::DuplicateKey { .. })), "{text}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_without_being_quoted() {
        let deep = "[".repeat(200);
        for text in ["", "{", "nul", "NaN", r#"{"amount":NaN}"#, r#"{"amount":1}x"#, deep.as_str()] {
            assert!(matches!(parse_strict::<Body>(text.as_bytes()), Err(InvalidJson::Malformed { .. })), "{text}");
        }
        assert!(matches!(parse_strict::<Body>(b"{\"amount\":1,\"a\":\"\xff\"}"), Err(InvalidJson::Malformed { .. })));
        for text in [r#"{"amount":"secret"}"#, r#"{"amount":1.5}"#, r#"{"amount":1e2}"#, "{}", "[]"] {
            let error = parse_strict::<Body>(text.as_bytes()).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}

use serde_json::{Map, Value};

use crate::domain::contains_card_number;

use super::ApiError;

/// Accepts a text that a caller may fill as they like.
///
/// Card data never enters: what looks like a card number is refused rather than stored, and so are control characters.
pub fn free_text(field: &str, text: &str) -> Result<(), ApiError> {
    if text.chars().any(char::is_control) {
        return Err(ApiError::field(field, format!("{field} holds a control character")));
    }
    if contains_card_number(text) {
        return Err(ApiError::field(field, format!("{field} holds what looks like a card number; card data is never accepted here")));
    }
    Ok(())
}

/// Accepts an object whose keys and values a caller may fill as they like, each judged as [`free_text`].
pub fn free_fields(field: &str, fields: &Map<String, Value>) -> Result<(), ApiError> {
    fields.iter().try_for_each(|(key, value)| free_text(field, key).and_then(|()| free_value(field, value)))
}

/// The parser has bounded the nesting already.
fn free_value(field: &str, value: &Value) -> Result<(), ApiError> {
    match value {
        Value::String(text) => free_text(field, text),
        Value::Number(number) => free_text(field, &number.to_string()),
        Value::Array(values) => values.iter().try_for_each(|value| free_value(field, value)),
        Value::Object(fields) => free_fields(field, fields),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

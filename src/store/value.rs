use std::borrow::Cow;

use uuid::Uuid;

use crate::domain::{Currency, MerchantId, Timestamp, format_timestamp, parse_timestamp};

use super::StoreError;

/// A parameter or a column, in the few types that every engine has.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// SQL NULL.
    Null,
    /// A 64-bit integer.
    Int(i64),
    /// Text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
    /// A moment; text where the engine has no such type.
    Time(Timestamp),
    /// A UUID; text where the engine has no such type.
    Uuid(Uuid),
}

impl Value<'_> {
    /// The same, with nothing borrowed.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Int(int) => Value::Int(int),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Value::Blob(Cow::Owned(bytes.into_owned())),
            Self::Time(time) => Value::Time(time),
            Self::Uuid(id) => Value::Uuid(id),
        }
    }
}

/// The SQL type of a column in a [`Set`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of SQL")]
pub enum Type {
    Int,
    Text,
    Blob,
    Time,
    Uuid,
}

/// A statement over a set of rows, written once for every engine.
///
/// `sql` names the rows as `{rows}`, a table with the given columns:
/// `INSERT INTO t (a, b) SELECT a, b FROM {rows} AS r WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.a = r.a)`. No statement may
/// depend on one row of the set seeing another's effect, nor on not seeing it. Where many rows go in, looking first costs a
/// third of what ON CONFLICT DO NOTHING does on a server; a job that loses the race in between is run again.
#[derive(Debug)]
pub struct Set {
    /// The statement.
    pub sql: &'static str,
    /// Names and types of the columns, in the order of the values in a row.
    pub columns: &'static [(&'static str, Type)],
}

/// A set's statement with the rows that it is to run over.
pub type SetRows<'a> = (&'static Set, Vec<Vec<Value<'a>>>);

/// A row read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(super) Vec<Value<'static>>);

impl Row {
    /// Column `index`, as `T`.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = self.0.get(index).ok_or(StoreError::Column(index))?;
        T::from_value(value).ok_or(StoreError::Column(index))
    }

    /// Column `index`, a text, where it lies.
    pub fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.0.get(index) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(StoreError::Column(index)),
        }
    }

    /// Column `index`, bytes, where they lie.
    pub fn bytes(&self, index: usize) -> Result<&[u8], StoreError> {
        match self.0.get(index) {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => Err(StoreError::Column(index)),
        }
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// `None` when the column holds something else.
    fn from_value(value: &Value<'_>) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if let Value::Int(int) = value { Some(*int) } else { None }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        i64::from_value(value).map(|int| int != 0)
    }
}

impl FromValue for String {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone().into_owned()),
            Value::Time(time) => Some(format_timestamp(*time)),
            Value::Uuid(id) => Some(id.hyphenated().to_string()),
            Value::Null | Value::Int(_) | Value::Blob(_) => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if let Value::Blob(bytes) = value { Some(bytes.clone().into_owned()) } else { None }
    }
}

impl FromValue for Timestamp {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Time(time) => Some(*time),
            Value::Text(text) => parse_timestamp(text),
            _ => None,
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Uuid(id) => Some(*id),
            Value::Text(text) => Self::parse_str(text).ok(),
            _ => None,
        }
    }
}

impl FromValue for MerchantId {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        Uuid::from_value(value).map(Self)
    }
}

impl FromValue for Currency {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if let Value::Text(text) = value { text.parse().ok() } else { None }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value<'_>) -> Option<Self> {
        if matches!(value, Value::Null) { Some(None) } else { T::from_value(value).map(Some) }
    }
}

impl From<i64> for Value<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<u16> for Value<'_> {
    fn from(int: u16) -> Self {
        Self::Int(i64::from(int))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(Cow::Borrowed(bytes))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Uuid> for Value<'_> {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<MerchantId> for Value<'_> {
    fn from(id: MerchantId) -> Self {
        id.0.into()
    }
}

impl From<Currency> for Value<'_> {
    fn from(currency: Currency) -> Self {
        Self::Text(Cow::Owned(currency.as_str().to_owned()))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

use uuid::Uuid;

use crate::domain::Timestamp;

use super::value::FromValue;
use super::{StoreError, Value};

/// A row as it goes by, of which nothing is copied that nobody asks for.
pub trait Fields {
    /// Column `index`, where it lies.
    fn field(&self, index: usize) -> Result<Value<'_>, StoreError>;

    /// The bytes of column `index`, a text or bytes, as they lie: nobody has asked whether they are text.
    fn raw(&self, index: usize) -> Result<&[u8], StoreError>;

    /// Column `index`, a number.
    fn int(&self, index: usize) -> Result<i64, StoreError> {
        i64::from_value(&self.field(index)?).ok_or(StoreError::Column(index))
    }

    /// Column `index`, an id.
    fn uuid(&self, index: usize) -> Result<Uuid, StoreError> {
        Uuid::from_value(&self.field(index)?).ok_or(StoreError::Column(index))
    }

    /// Column `index`, a moment or NULL.
    fn time(&self, index: usize) -> Result<Option<Timestamp>, StoreError> {
        Option::from_value(&self.field(index)?).ok_or(StoreError::Column(index))
    }
}

/// Who is shown the rows of a query one by one.
pub type See<'a> = &'a mut dyn FnMut(&dyn Fields) -> Result<(), StoreError>;

/// Column `index` of a row that goes by, as text that lives as long as the row.
pub fn text_field(row: &dyn Fields, index: usize) -> Result<&str, StoreError> {
    std::str::from_utf8(row.raw(index)?).map_err(|_| StoreError::Column(index))
}

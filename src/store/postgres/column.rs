use std::borrow::Cow;
use std::error::Error;

use chrono::{DateTime, Days, NaiveDate};
use postgres_types::{FromSql, Type};
use uuid::Uuid;

use crate::store::{Fields, Row, StoreError, Value};

use super::bind::ZERO_MICROS;
use super::numeric;

/// A column as the embedded engine would give it.
struct Column<'a>(Value<'a>);

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let text = |text: String| Value::Text(Cow::Owned(text));
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Blob(Cow::Borrowed(raw)),
            Type::UUID => Value::Uuid(Uuid::from_slice(raw)?),
            Type::TIMESTAMPTZ => {
                let micros = i64::from_sql(&Type::INT8, raw)?.checked_add(ZERO_MICROS);
                let time = micros.and_then(DateTime::from_timestamp_micros).ok_or("a time beyond every calendar")?;
                Value::Time(time)
            }
            Type::DATE => {
                let days = i32::from_sql(&Type::INT4, raw)?;
                let zero = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
                let by = Days::new(days.unsigned_abs().into());
                let date = if days < 0 { zero.checked_sub_days(by) } else { zero.checked_add_days(by) };
                text(date.ok_or("a date beyond every calendar")?.to_string())
            }
            Type::NUMERIC => {
                let number = numeric::decode(raw).ok_or("a number that is none")?;
                number.parse().map_or_else(|_| text(number), Value::Int)
            }
            // No column of ours is a float; one that appears is shown as text rather than rounded.
            Type::FLOAT8 => text(f64::from_sql(ty, raw)?.to_string()),
            Type::JSONB => text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?.to_owned()),
            _ => Value::Text(Cow::Borrowed(std::str::from_utf8(raw)?)),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A row in our own values.
pub(super) fn row_from(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let values = (0..row.len()).map(|at| row.try_get::<_, Column<'_>>(at).map(|column| column.0.into_owned()));
    values.collect::<Result<_, _>>().map(Row).map_err(|error| StoreError::Statement(super::error::chain(&error)))
}

/// A column's bytes, whatever they are.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }
}

/// A row of a scan.
pub(super) struct Passing(pub(super) tokio_postgres::Row);

impl Fields for Passing {
    fn field(&self, index: usize) -> Result<Value<'_>, StoreError> {
        self.0.try_get::<_, Column<'_>>(index).map(|column| column.0).map_err(|error| StoreError::Statement(super::error::chain(&error)))
    }

    fn raw(&self, index: usize) -> Result<&[u8], StoreError> {
        self.0.try_get::<_, Raw<'_>>(index).map(|raw| raw.0).map_err(|_| StoreError::Column(index))
    }
}

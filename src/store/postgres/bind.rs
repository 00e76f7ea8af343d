use std::error::Error;

use chrono::NaiveDate;
use postgres_types::private::BytesMut;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::domain::{Timestamp, format_timestamp, parse_timestamp};
use crate::store::Value;

use super::numeric;

/// Microseconds from 1970 to the server's own zero, 2000-01-01.
pub(super) const ZERO_MICROS: i64 = 946_684_800_000_000;

/// One of our values, written in whatever type the server asks for.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) &'a Value<'a>);

type Written = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Written {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(int) => write_int(*int, ty, out),
            Value::Text(text) => write_text(text, ty, out),
            Value::Blob(bytes) if *ty == Type::BYTEA => bytes.as_ref().to_sql(ty, out),
            Value::Blob(_) => Err(misfit("bytes", ty)),
            Value::Time(time) if *ty == Type::TIMESTAMPTZ => write_time(*time, out),
            Value::Time(time) => write_text(&format_timestamp(*time), ty, out),
            Value::Uuid(id) if *ty == Type::UUID => {
                out.extend_from_slice(id.as_bytes());
                Ok(IsNull::No)
            }
            Value::Uuid(id) => write_text(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()), ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn write_int(int: i64, ty: &Type, out: &mut BytesMut) -> Written {
    match *ty {
        Type::INT8 => int.to_sql(ty, out),
        Type::INT4 => i32::try_from(int)?.to_sql(ty, out),
        Type::INT2 => i16::try_from(int)?.to_sql(ty, out),
        Type::BOOL => (int != 0).to_sql(ty, out),
        Type::NUMERIC => {
            out.extend_from_slice(&numeric::encode(int));
            Ok(IsNull::No)
        }
        Type::TEXT | Type::VARCHAR | Type::UNKNOWN => {
            out.extend_from_slice(int.to_string().as_bytes());
            Ok(IsNull::No)
        }
        _ => Err(misfit("a whole number", ty)),
    }
}

fn write_text(text: &str, ty: &Type, out: &mut BytesMut) -> Written {
    match *ty {
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON => {
            out.extend_from_slice(text.as_bytes());
            Ok(IsNull::No)
        }
        Type::JSONB => {
            // The version of the binary form comes before the text.
            out.extend_from_slice(&[1]);
            out.extend_from_slice(text.as_bytes());
            Ok(IsNull::No)
        }
        Type::UUID => {
            out.extend_from_slice(Uuid::parse_str(text)?.as_bytes());
            Ok(IsNull::No)
        }
        Type::TIMESTAMPTZ => write_time(parse_timestamp(text).ok_or_else(|| misfit("a text that is no time", ty))?, out),
        Type::DATE => {
            let zero = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
            let days = text.parse::<NaiveDate>()?.signed_duration_since(zero).num_days();
            i32::try_from(days)?.to_sql(&Type::INT4, out)
        }
        _ => Err(misfit("a text", ty)),
    }
}

fn write_time(time: Timestamp, out: &mut BytesMut) -> Written {
    time.timestamp_micros().saturating_sub(ZERO_MICROS).to_sql(&Type::INT8, out)
}

fn misfit(what: &str, ty: &Type) -> Box<dyn Error + Sync + Send> {
    format!("{what} is given where the server expects {ty}").into()
}

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};

/// The words of PostgreSQL that the checks of the platform use and SQLite does not know: `sha256` of bytes, `encode(…, 'hex')`, and
/// hashes with a seed.
pub(super) fn add(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("sha256", 1, flags, |context| {
        let bytes = context.get_raw(0).as_bytes().map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
        Ok(Sha256::digest(bytes).to_vec())
    })?;
    connection.create_scalar_function("encode", 2, flags, |context| {
        let bytes = context.get_raw(0).as_bytes().map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
        match context.get_raw(1).as_str() {
            Ok("hex") => Ok(hex::encode(bytes)),
            _ => Err(rusqlite::Error::UserFunctionError("only hex is known as a form of bytes".into())),
        }
    })?;
    for name in ["hashtextextended", "uuid_hash_extended", "hashint8extended"] {
        connection.create_scalar_function(name, 2, flags, |context| Ok(hashed(context.get_raw(0), context.get_raw(1))))?;
    }
    Ok(())
}

/// A hash of the value that nobody can foresee who does not know the seed; of NULL there is none, as on the server.
fn hashed(value: ValueRef<'_>, seed: ValueRef<'_>) -> Option<i64> {
    let ValueRef::Integer(seed) = seed else { return None };
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    match value {
        ValueRef::Integer(int) => int.hash(&mut hasher),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.hash(&mut hasher),
        ValueRef::Null | ValueRef::Real(_) => return None,
    }
    Some(hasher.finish().cast_signed())
}

use rusqlite::functions::FunctionFlags;
use sha2::{Digest as _, Sha256};

/// The words of PostgreSQL that the checks of the platform use and SQLite does not know: `sha256` of bytes, and `encode(…, 'hex')`.
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
    })
}

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::store::StoreError;

const LOCK_FILE: &str = "payctl.lock";

/// The hold of one process on a data directory; the system lets go of it when the process ends, however it ends.
pub(super) struct Hold {
    _lock: File,
}

/// Creates the directory where it is missing and takes hold of it.
pub(super) fn take(dir: &Path) -> Result<Hold, StoreError> {
    let unwritable = |error: std::io::Error| StoreError::Unwritable { path: dir.display().to_string(), reason: error.to_string() };
    std::fs::create_dir_all(dir).map_err(unwritable)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(LOCK_FILE)).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(Hold { _lock: file }),
        Err(TryLockError::WouldBlock) => Err(StoreError::Held(dir.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unwritable(error)),
    }
}

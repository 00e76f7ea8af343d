use crate::ops::{OpsError, Reader};

use super::report::Trace;
use super::{confirm, database};

/// A payment's story: from one snapshot of the database, held against the log where that is another source.
pub async fn trace(reader: &Reader, id: &str) -> Result<Trace, OpsError> {
    let mut story = database::story(reader, id).await?;
    if !reader.log.has_gaps() {
        confirm::confirm(reader, &mut story).await;
    }
    Ok(story.judged())
}

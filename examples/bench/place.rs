//! Where a benchmark's platform keeps what it knows: the server that `DATABASE_URL` names, or else a directory.

#![expect(clippy::disallowed_methods, reason = "a program of its own: there is no configuration to read it")]

use std::path::Path;

use anyhow::anyhow;
use payctl::config::{Ambient, DatabaseServer};
use payctl::services::Service;
use payctl::store::Store;

/// The server of `DATABASE_URL`; `None` means the embedded engine.
pub(crate) fn server() -> anyhow::Result<Option<DatabaseServer>> {
    std::env::var("DATABASE_URL").ok().map(|url| DatabaseServer::parse(&url).map_err(|error| anyhow!(error))).transpose()
}

/// Opens it beside the platform that runs on it, for reading.
pub(crate) async fn open_read_only(dir: &Path, ambient: &Ambient) -> anyhow::Result<Store> {
    Ok(match server()? {
        Some(server) => Store::connect_read_only(&server, &Service::migrations(), ambient).await?,
        None => Store::open_read_only(dir, &Service::migrations(), ambient)?,
    })
}

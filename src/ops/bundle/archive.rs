use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Bundle;

/// A bundle could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file does not take it.
    #[error("the archive cannot be written")]
    Write(#[from] io::Error),
    /// It has no JSON.
    #[error("the archive's list cannot be written")]
    Json(#[from] serde_json::Error),
}

/// Writes a bundle as a gzipped tar archive with one folder, `manifest.json` first.
pub fn write(bundle: &Bundle, into: impl Write) -> Result<(), ArchiveError> {
    let folder = format!("payctl-bundle-{}", bundle.at.format("%Y%m%dT%H%M%SZ"));
    let mut archive = tar::Builder::new(GzEncoder::new(into, Compression::default()));
    let manifest = bundle.manifest()?;
    let documents = bundle.parts.iter().filter(|part| part.bytes.is_some()).map(|part| (part.file, part.content.as_slice()));
    for (file, content) in std::iter::once(("manifest.json", manifest.as_slice())).chain(documents) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(bundle.at.timestamp()).unwrap_or_default());
        archive.append_data(&mut header, format!("{folder}/{file}"), content)?;
    }
    archive.into_inner()?.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::super::{Scene, gather};
    use super::*;
    use crate::config::Config;
    use crate::ops::Probe;
    use crate::ops::fixture::Fixture;
    use crate::services::Service;

    async fn opened(fixture: &Fixture, reader: Result<&crate::ops::Reader, String>) -> (Bundle, BTreeMap<String, String>) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = Config::development(std::path::PathBuf::from("/nowhere"));
        // Nothing listens there.
        config.port_offset = 25_000;
        let ambient = &fixture.reader.ambient;
        let since = ambient.now() - chrono::TimeDelta::minutes(30);
        let probe = Probe::new().unwrap();
        let scene = Scene { config: &config, probe: &probe, reader, ambient, since };
        let bundle = gather(&scene, &serde_json::json!({ "settings": [] })).await;
        let mut bytes = Vec::new();
        write(&bundle, &mut bytes).unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
        let mut found = BTreeMap::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            found.insert(name, text);
        }
        (bundle, found)
    }

    #[tokio::test]
    async fn an_archive_has_every_part_and_no_address() {
        let fixture = Fixture::new();
        let paid = fixture.paid("A").await;
        fixture.consume().await;
        fixture.park(Service::Notification, paid.created, "failed").await;
        let (bundle, found) = opened(&fixture, Ok(&fixture.reader)).await;
        assert!(!bundle.is_partial(), "{bundle:#?}");
        let names: Vec<&str> = found.keys().map(String::as_str).collect();
        let expected = [
            "config.json",
            "dead_letter_causes.json",
            "dead_letters.json",
            "invariants.json",
            "lag.json",
            "manifest.json",
            "operators.json",
            "status.json",
        ];
        assert_eq!(names, expected);
        for (name, text) in &found {
            assert!(!text.contains("test@example.com"), "{name}: {text}");
            let document: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(document["schema_version"], 1, "{name}");
        }
        assert!(found["dead_letters.json"].contains("ACCOUNT_NOT_FOUND"));
        assert!(found["invariants.json"].contains("\"I22\""));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_named_in_the_list_and_the_rest_is_there() {
        let fixture = Fixture::new();
        let (bundle, found) = opened(&fixture, Err("the database does not answer".to_owned())).await;
        assert!(bundle.is_partial());
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["config.json", "manifest.json", "status.json"]);
        assert_eq!(found["manifest.json"].matches("the database does not answer").count(), 5);
    }
}

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::domain::Timestamp;
use crate::ops::{Report, Table};

/// The version of every document in a bundle.
const SCHEMA_VERSION: u32 = 1;

/// What a bundle has, and what it has not.
#[derive(Debug, Clone, Serialize)]
pub struct Bundle {
    /// When it was gathered.
    pub at: Timestamp,
    /// From when on operators' deeds and dead letters are in it.
    pub since: Timestamp,
    /// The version that gathered it.
    pub version: &'static str,
    /// In the order of the archive.
    pub parts: Vec<BundlePart>,
}

/// One document of it.
#[derive(Debug, Clone, Serialize)]
pub struct BundlePart {
    /// Its file.
    pub file: &'static str,
    /// What it was read from.
    pub source: &'static str,
    /// Bytes of the document; unknown where there is none.
    pub bytes: Option<usize>,
    /// What of it could not be read, and why.
    pub missing: Option<String>,
    #[serde(skip)]
    pub(super) content: Vec<u8>,
}

impl BundlePart {
    /// A document, with what it does not say; or why there is none.
    pub(super) fn new<T: Serialize>(file: &'static str, source: &'static str, found: Result<(T, Option<String>), String>) -> Self {
        let told = found.and_then(|(data, missing)| Ok((document(&data).map_err(|error| error.to_string())?, missing)));
        match told {
            Ok((content, missing)) => Self { file, source, bytes: Some(content.len()), missing, content },
            Err(why) => Self { file, source, bytes: None, missing: Some(why), content: Vec::new() },
        }
    }
}

fn document(data: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = serde_json::to_value(data)?;
    if let Json::Object(fields) = &mut json {
        fields.insert("schema_version".to_owned(), json!(SCHEMA_VERSION));
    }
    let mut bytes = serde_json::to_vec_pretty(&json)?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl Bundle {
    /// Whether something could not be read.
    pub fn is_partial(&self) -> bool {
        self.parts.iter().any(|part| part.missing.is_some())
    }

    /// What the archive says of itself.
    pub(super) fn manifest(&self) -> Result<Vec<u8>, serde_json::Error> {
        document(self)
    }
}

impl Report for Bundle {
    const LISTS: &'static [&'static str] = &["parts"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["PART", "SOURCE", ">BYTES", "MISSING"]);
        for part in &self.parts {
            table.push([
                part.file.to_owned(),
                part.source.to_owned(),
                part.bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string()),
                part.missing.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        table.notes.push("addresses, secrets and free text are left out; read it before you pass it on".to_owned());
        vec![table]
    }
}

use serde::Serialize;

use crate::log::ForeignRecord;
use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::Service;
use crate::store::Imported;

use super::family::{Told, told};

/// Records of one reading at most.
const MOST: usize = 10_000;

/// A dead letter on a topic that another tool may have written.
#[derive(Debug, Clone, Serialize)]
pub struct ForeignLetter {
    /// Where it lies.
    pub partition: i32,
    /// Where it lies.
    pub offset: i64,
    /// Its key, as text.
    pub key: String,
    /// What its headers say; none where no family of them is known.
    pub told: Option<Told>,
    /// The size of its value in bytes; `None` for a tombstone.
    pub value_bytes: Option<usize>,
    #[serde(skip)]
    record: ForeignRecord,
}

/// What lies on such a topic.
#[derive(Debug, Clone, Serialize)]
pub struct ForeignList {
    /// The topic.
    pub topic: String,
    /// By partition each in its order.
    pub letters: Vec<ForeignLetter>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// Reads any topic of the brokers, and the headers of its records by whatever family is recognised.
pub async fn foreign(reader: &Reader, topic: &str, limit: usize) -> Result<ForeignList, OpsError> {
    let page = reader.log.foreign(topic, limit.clamp(1, MOST)).await?;
    let letters = page.records.into_iter().map(|record| ForeignLetter {
        partition: record.partition,
        offset: record.offset,
        key: String::from_utf8_lossy(&record.key).into_owned(),
        told: told(&record.headers),
        value_bytes: record.value.as_ref().map(Vec::len),
        record,
    });
    Ok(ForeignList { topic: topic.to_owned(), letters: letters.collect(), is_complete: page.is_complete })
}

impl ForeignLetter {
    /// As it could be taken in; the origin comes from its headers and never from where it lies.
    pub fn importable(&self, group: Option<Service>) -> Imported {
        let told = self.told.clone().unwrap_or_default();
        let group = group.or_else(|| told.group.as_deref().and_then(Service::of_group)).and_then(Service::group);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers: serde_json::Map<String, serde_json::Value> =
            self.record.headers.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
        Imported {
            group: group.unwrap_or_default(),
            topic: told.topic.unwrap_or_default(),
            partition: told.partition.and_then(|partition| u16::try_from(partition).ok()).unwrap_or_default(),
            offset: told.offset.unwrap_or(self.offset),
            attempts: told.attempts.unwrap_or(1),
            error_code: told.error.unwrap_or_else(|| "UNKNOWN".to_owned()),
            error_message: told.message.unwrap_or_default(),
            key: self.key.clone(),
            headers: serde_json::Value::Object(headers).to_string(),
            value_hex: hex::encode(self.record.value.as_deref().unwrap_or_default()),
        }
    }
}

impl Report for ForeignList {
    const LISTS: &'static [&'static str] = &["letters"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&[">P", ">OFFSET", "??FAMILY", "ORIGIN", "?GROUP", "??>ATTEMPTS", "?FAILED", "ERROR"]);
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        for letter in &self.letters {
            let told = letter.told.clone().unwrap_or_default();
            let place = |number: Option<i64>| or_dash(number.map(|number| number.to_string()));
            let origin = told.topic.as_ref().map(|topic| format!("{topic}/{}@{}", place(told.partition), place(told.offset)));
            let error = [told.error, told.message].into_iter().flatten().collect::<Vec<_>>().join(": ");
            table.push([
                letter.partition.to_string(),
                letter.offset.to_string(),
                if told.family.is_empty() { "unknown" } else { told.family }.to_owned(),
                or_dash(origin),
                or_dash(told.group),
                place(told.attempts),
                or_dash(told.failed_at),
                error,
            ]);
        }
        let all = if self.is_complete { "COMPLETE" } else { "PARTIAL: there are more" };
        table.notes.push(format!("{} records of {} from its beginning · {all}", self.letters.len(), self.topic));
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_a_foreign_letter_is_what_its_headers_say() {
        let header = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
        let record = ForeignRecord {
            partition: 0,
            offset: 5,
            key: b"k".to_vec(),
            headers: vec![
                header("kafka_dlt-original-topic", b"payment.events"),
                header("kafka_dlt-original-partition", &4_i32.to_be_bytes()),
                header("kafka_dlt-original-offset", &77_i64.to_be_bytes()),
                header("kafka_dlt-original-consumer-group", b"payctl.accounting"),
                header("kafka_dlt-exception-fqcn", b"java.lang.Error"),
            ],
            value: Some(b"{}".to_vec()),
        };
        let told = told(&record.headers);
        let letter = ForeignLetter { partition: 0, offset: 5, key: "k".to_owned(), told, value_bytes: Some(2), record };
        let taken = letter.importable(None);
        assert_eq!(
            (taken.group.as_str(), taken.topic.as_str(), taken.partition, taken.offset),
            ("payctl.accounting", "payment.events", 4, 77)
        );
        assert_eq!((taken.error_code.as_str(), taken.value_hex.as_str()), ("java.lang.Error", "7b7d"));
        assert_eq!(letter.importable(Some(Service::Order)).group, "payctl.order");
    }
}

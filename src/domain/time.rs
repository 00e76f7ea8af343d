use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// A moment in UTC, kept to the microsecond.
pub type Timestamp = DateTime<Utc>;

/// RFC 3339 in UTC with six decimals, the one form in which times are stored and sent: it sorts as text.
pub fn format_timestamp(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Reads any RFC 3339 time with a zone; without a zone it is refused rather than taken for local.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// The UTC date of a moment.
pub fn utc_date(time: Timestamp) -> NaiveDate {
    time.date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_round_trip_with_six_decimals() {
        let text = "2026-01-02T03:04:05.678901Z";
        assert_eq!(format_timestamp(parse_timestamp(text).unwrap()), text);
        assert_eq!(format_timestamp(parse_timestamp("2026-01-02T04:04:05+01:00").unwrap()), "2026-01-02T03:04:05.000000Z");
        assert_eq!(parse_timestamp("2026-01-02T03:04:05"), None);
    }

    proptest! {
        #[test]
        fn times_sort_as_text_and_read_back(one in 0i64..253_402_300_800_000_000, other in 0i64..253_402_300_800_000_000) {
            let [one, other] = [one, other].map(|micros| DateTime::from_timestamp_micros(micros).unwrap());
            prop_assert_eq!(one.cmp(&other), format_timestamp(one).cmp(&format_timestamp(other)));
            prop_assert_eq!(parse_timestamp(&format_timestamp(one)), Some(one));
        }
    }
}

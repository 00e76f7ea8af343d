use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Timelike as _, Utc};

/// A moment in UTC, kept to the microsecond.
pub type Timestamp = DateTime<Utc>;

/// RFC 3339 in UTC with six decimals, the one form in which times are stored and sent: it sorts as text.
pub fn format_timestamp(time: Timestamp) -> String {
    let mut text = String::with_capacity(USUAL_LENGTH);
    write_timestamp(time, &mut text);
    text
}

/// Appends the same to a text.
pub fn write_timestamp(time: Timestamp, text: &mut String) {
    // A log of a million records is a million times: they are not left to what can format any time in any way.
    if write_usual(time, text).is_none() {
        text.push_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true));
    }
}

/// Of a time in the years 0 to 9999.
const USUAL_LENGTH: usize = 27;

/// `None` for years before 0 and after 9999, and for leap seconds.
fn write_usual(time: Timestamp, text: &mut String) -> Option<()> {
    let (date, clock) = (time.date_naive(), time.time());
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    let nanos = Some(clock.nanosecond()).filter(|nanos| *nanos < 1_000_000_000)?;
    let date = [&digits::<4>(year)[..], b"-", &digits::<2>(date.month()), b"-", &digits::<2>(date.day()), b"T"];
    let minute = [&digits::<2>(clock.hour())[..], b":", &digits::<2>(clock.minute()), b":"];
    let second = [&digits::<2>(clock.second())[..], b".", &digits::<6>(nanos / 1000), b"Z"];
    let mut whole = [0; USUAL_LENGTH];
    let bytes = date.iter().chain(&minute).chain(&second).flat_map(|piece| piece.iter());
    whole.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    text.push_str(str::from_utf8(&whole).ok()?);
    Some(())
}

fn digits<const N: usize>(number: u32) -> [u8; N] {
    let mut rest = number;
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' | (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// Reads any RFC 3339 time with a zone; without a zone it is refused rather than taken for local.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    parse_usual(text).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()))
}

/// Reads the form that is written here, or with three decimals or none.
fn parse_usual(text: &str) -> Option<Timestamp> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _, fraction @ .., b'Z'] = text.as_bytes() else {
        return None;
    };
    let number = |place: std::ops::Range<usize>| whole_number(text.as_bytes().get(place)?);
    let micros = match fraction {
        [] => 0,
        [b'.', millis @ ..] if millis.len() == 3 => whole_number(millis)?.saturating_mul(1000),
        [b'.', micros @ ..] if micros.len() == 6 => whole_number(micros)?,
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0..4)?).ok()?, number(5..7)?, number(8..10)?)?;
    Some(date.and_hms_micro_opt(number(11..13)?, number(14..16)?, number(17..19)?, micros)?.and_utc())
}

fn whole_number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
}

/// Reads a time as we write it, and says how JSON has it from us, without its Z: no more decimals than it needs, by threes.
pub fn plain_timestamp(text: &str) -> Option<(Timestamp, &str)> {
    let time = parse_usual(text)?;
    let mut digits = text.strip_suffix('Z')?;
    if digits.len() == 26 {
        digits = digits.strip_suffix("000").unwrap_or(digits);
    }
    Some((time, digits.strip_suffix(".000").unwrap_or(digits)))
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

        #[test]
        fn times_are_written_and_read_as_the_calendar_has_them(micros in -70_000_000_000_000_000i64..400_000_000_000_000_000) {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            prop_assert_eq!(format_timestamp(time), time.to_rfc3339_opts(SecondsFormat::Micros, true));
            for decimals in [SecondsFormat::Secs, SecondsFormat::Millis, SecondsFormat::Micros, SecondsFormat::Nanos, SecondsFormat::AutoSi] {
                let text = time.to_rfc3339_opts(decimals, true);
                let read = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc());
                prop_assert_eq!(parse_timestamp(&text), read);
                if let Some((time, digits)) = plain_timestamp(&text) {
                    prop_assert_eq!(serde_json::to_value(time).unwrap(), format!("{digits}Z"));
                    prop_assert_eq!(Some(time), read);
                }
            }
        }

        #[test]
        fn what_is_no_time_for_the_calendar_is_none(text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?(Z|z|\\+01:00|)") {
            prop_assert_eq!(parse_timestamp(&text), DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc()));
            if let Some((time, digits)) = plain_timestamp(&text) {
                prop_assert_eq!(serde_json::to_value(time).unwrap(), format!("{digits}Z"));
            }
        }
    }
}

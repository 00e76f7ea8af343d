use crate::domain::Timestamp;

/// The time from `from` to `to` in milliseconds; nothing where the clocks disagree.
pub(super) fn millis_between(from: Timestamp, to: Timestamp) -> i64 {
    (to - from).num_milliseconds().max(0)
}

/// A length of time in its two largest units: `120ms`, `8s`, `4m12s`, `3h05m`, `6d23h`.
pub fn short_span(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..1 => format!("{millis}ms"),
        1..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// The time of day of a moment, with its date where that is not `today`'s.
pub(super) fn clock(time: Timestamp, today: Timestamp) -> String {
    let format = if time.date_naive() == today.date_naive() { "%H:%M:%S%.3f" } else { "%Y-%m-%d %H:%M:%S%.3f" };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_timestamp;

    #[test]
    fn spans_show_their_two_largest_units() {
        for (millis, text) in [(0, "0ms"), (999, "999ms"), (8_400, "8s"), (252_000, "4m12s"), (11_100_000, "3h05m"), (601_200_000, "6d23h")]
        {
            assert_eq!(short_span(millis), text);
        }
    }

    #[test]
    fn a_time_of_another_day_keeps_its_date() {
        let now = parse_timestamp("2026-01-02T03:04:05.678901Z").unwrap();
        assert_eq!(clock(now, now), "03:04:05.678");
        assert_eq!(clock(parse_timestamp("2026-01-01T23:59:59Z").unwrap(), now), "2026-01-01 23:59:59.000");
    }
}

use std::cmp::Ordering;

/// Digits after the point that are told apart.
const DECIMALS: u32 = 9;
const ONE: i128 = 10_i128.pow(DECIMALS);
/// Units of time in nanoseconds, as tables write them.
const UNITS: &[(&str, i128)] = &[
    ("ns", 1),
    ("µs", 1_000),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", ONE),
    ("m", 60 * ONE),
    ("min", 60 * ONE),
    ("h", 3_600 * ONE),
    ("d", 86_400 * ONE),
];

/// What a cell of a table says, so that it can be compared with others of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing, or a dash.
    Unknown,
    /// A number, of billionths.
    Number(i128),
    /// A length of time, in nanoseconds.
    Span(i128),
    /// A currency and so many billionths of it.
    Money(String, i128),
    /// A moment, in a form whose text sorts by time.
    Time(String),
    /// Words.
    Text(String),
}

impl Cell {
    /// Reads what tables write.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return Self::Unknown;
        }
        time(text)
            .or_else(|| span(text))
            .or_else(|| money(text))
            .or_else(|| counted(text))
            .unwrap_or_else(|| Self::Text(text.to_lowercase()))
    }

    /// The order of a column: by value where its cells are of one kind, by their text otherwise.
    pub(super) fn order(one: &Self, other: &Self) -> Ordering {
        match (one, other) {
            (Self::Number(one), Self::Number(other)) | (Self::Span(one), Self::Span(other)) => one.cmp(other),
            // Amounts of two currencies are not comparable: they stand one currency after the other.
            (Self::Money(of, one), Self::Money(in_other, other)) => (of, one).cmp(&(in_other, other)),
            (Self::Time(one), Self::Time(other)) | (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => Ordering::Equal,
        }
    }

    /// Whether two cells can be compared by value.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The number at the start, in billionths, and what follows it.
fn leading(text: &str) -> Option<(i128, &str)> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = digits.split_at_checked(whole).filter(|(whole, _)| !whole.is_empty())?;
    let fraction = rest.strip_prefix('.').map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let (fraction, rest) = if fraction == 0 { ("", rest) } else { rest.get(1..)?.split_at_checked(fraction)? };
    let mut value = whole.parse::<i128>().ok()?.checked_mul(ONE)?;
    for (place, digit) in (1..=DECIMALS).zip(fraction.bytes()) {
        value = value.checked_add(i128::from(digit.saturating_sub(b'0')).checked_mul(10_i128.pow(DECIMALS.saturating_sub(place)))?)?;
    }
    Some((if is_negative { value.checked_neg()? } else { value }, rest))
}

/// `4m12s`, `120ms`, `14 d`, and `never`, which is longer than any.
fn span(text: &str) -> Option<Cell> {
    if text == "never" {
        return Some(Cell::Span(i128::MAX));
    }
    let (mut total, mut rest) = (0_i128, text);
    while !rest.is_empty() {
        let (number, after) = leading(rest)?;
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters)?;
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.checked_mul(*length)? / ONE)?;
        rest = after;
    }
    Some(Cell::Span(total))
}

/// `49.90 EUR`, the first of several, whatever follows in brackets.
fn money(text: &str) -> Option<Cell> {
    let first = text.split([',', '(']).next()?.trim();
    let (number, rest) = leading(first)?;
    let currency = rest.strip_prefix(' ')?;
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| Cell::Money(currency.to_owned(), number))
}

/// A number, also as one of several (`2/3`), in percent or a second.
fn counted(text: &str) -> Option<Cell> {
    let (number, rest) = leading(text)?;
    let is_of = rest.strip_prefix('/').is_some_and(|of| of == "s" || leading(of).is_some_and(|(_, rest)| rest.is_empty()));
    (rest.is_empty() || rest.trim() == "%" || is_of).then_some(Cell::Number(number))
}

/// A date, a date with its time, or the time alone, which tables write for today.
fn time(text: &str) -> Option<Cell> {
    let shaped = |text: &str, shape: &str| {
        text.len() >= shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| if wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted })
    };
    let plain = text.replacen('T', " ", 1);
    let plain = plain.trim_end_matches(['Z', 'z']);
    if shaped(plain, "0000-00-00 00:00:00") || (shaped(plain, "0000-00-00") && plain.len() == 10) {
        return Some(Cell::Time(plain.to_owned()));
    }
    // Later than any time with a date.
    (shaped(plain, "00:00:00") && plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')))
        .then(|| Cell::Time(format!("9999-99-99 {plain}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(cells: &[&str]) -> Vec<String> {
        let mut read: Vec<(Cell, &str)> = cells.iter().map(|cell| (Cell::read(cell), *cell)).collect();
        read.sort_by(|one, other| Cell::order(&one.0, &other.0));
        read.into_iter().map(|(_, text)| text.to_owned()).collect()
    }

    #[test]
    fn numbers_sort_by_their_value() {
        assert_eq!(sorted(&["10", "9", "-3", "1.5", "1.25"]), ["-3", "1.25", "1.5", "9", "10"]);
        assert_eq!(sorted(&["10/12", "9/12"]), ["9/12", "10/12"]);
        assert_eq!(sorted(&["100 %", "20 %", "3 %"]), ["3 %", "20 %", "100 %"]);
        assert_eq!(sorted(&["120/s", "20/s"]), ["20/s", "120/s"]);
    }

    #[test]
    fn lengths_of_time_sort_by_how_long_they_are() {
        assert_eq!(sorted(&["1d02h", "never", "3h05m", "59s", "4m12s", "120ms"]), ["120ms", "59s", "4m12s", "3h05m", "1d02h", "never"]);
        assert_eq!(sorted(&["90d", "7d"]), ["7d", "90d"]);
        assert_eq!(sorted(&["10.500 ms", "9.750 ms"]), ["9.750 ms", "10.500 ms"]);
    }

    #[test]
    fn amounts_sort_within_their_currency() {
        let amounts = ["100.00 USD", "20.50 USD (3 late)", "5 JPY", "3.00 USD, 1.00 EUR"];
        assert_eq!(sorted(&amounts), ["5 JPY", "3.00 USD, 1.00 EUR", "20.50 USD (3 late)", "100.00 USD"]);
    }

    #[test]
    fn a_time_without_a_date_is_of_today_and_so_the_latest() {
        let times = ["12:00:00.000", "2026-01-02 03:04:05.000", "2025-12-31T23:59:59Z", "2026-01-02"];
        assert_eq!(sorted(&times), ["2025-12-31T23:59:59Z", "2026-01-02", "2026-01-02 03:04:05.000", "12:00:00.000"]);
    }

    #[test]
    fn words_ids_and_dashes_are_none_of_these() {
        for text in ["accounting", "PY20260102030405ABCDEFGHJK", "c-41a0ff", "ahead 5", "1 of 2", "12 apples", "10.0.0.1"] {
            assert!(matches!(Cell::read(text), Cell::Text(_)), "{text}: {:?}", Cell::read(text));
        }
        assert_eq!((Cell::read("-"), Cell::read(" ")), (Cell::Unknown, Cell::Unknown));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,40}", other in ".{0,40}") {
            let _ = Cell::order(&Cell::read(&text), &Cell::read(&other));
        }

        #[test]
        fn whole_numbers_sort_as_numbers(one in i64::MIN..i64::MAX, other in i64::MIN..i64::MAX) {
            let read = |number: i64| Cell::read(&number.to_string());
            proptest::prop_assert_eq!(Cell::order(&read(one), &read(other)), one.cmp(&other));
        }
    }
}

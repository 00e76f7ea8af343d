/// The lengths that card numbers have.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether `text` holds what looks like a card number: a known prefix, a length that goes with it and a correct check digit,
/// written in one piece or in groups with a space, hyphen or dot between them.
///
/// It looks at whole groups of digits only, so that a long reference which happens to contain such digits passes.
pub fn contains_card_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut run: Vec<u8> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut joined = false;
    for byte in bytes.iter().copied().chain([0]) {
        if byte.is_ascii_digit() {
            if !joined {
                starts.push(run.len());
            }
            run.push(byte - b'0');
            joined = true;
        } else if joined && matches!(byte, b' ' | b'-' | b'.') {
            joined = false;
        } else if !run.is_empty() {
            if run_holds_card(&run, &starts) {
                return true;
            }
            run.clear();
            starts.clear();
            joined = false;
        }
    }
    false
}

/// Tries every stretch of neighbouring groups.
fn run_holds_card(run: &[u8], starts: &[usize]) -> bool {
    let ends = starts.iter().skip(1).copied().chain([run.len()]);
    ends.enumerate().any(|(last, end)| {
        let candidates = starts.iter().take(last.saturating_add(1));
        candidates.filter_map(|start| run.get(*start..end)).any(is_card_number)
    })
}

fn is_card_number(digits: &[u8]) -> bool {
    LENGTHS.contains(&digits.len()) && prefix_fits(digits) && luhn_holds(digits)
}

fn prefix_fits(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0u32, |prefix, digit| prefix * 10 + u32::from(*digit));
    let length = digits.len();
    match prefix {
        // Visa.
        4000..=4999 => matches!(length, 13 | 16 | 19),
        // Mastercard.
        5100..=5599 | 2221..=2720 => length == 16,
        // American Express.
        3400..=3499 | 3700..=3799 => length == 15,
        // Diners Club.
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length),
        // JCB, Discover, UnionPay, Maestro.
        3528..=3589 | 6011 | 6200..=6299 | 6440..=6599 | 8100..=8171 => (16..=19).contains(&length),
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => true,
        _ => false,
    }
}

fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn card_numbers_are_found_however_they_are_grouped() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "pay with 4242-4242-4242-4242 please",
            "4242 4242 4242 4242 123",
            "12 4242 4242 4242 4242",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "3782 822463 10005",
            "30569309025904",
            "3566002020360505",
            "6011111111111117",
            "6205500000000000004",
            "4222222222222",
            "card:4000.0566.5566.5556.",
        ] {
            assert!(contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "",
            "order 20260102030405",
            "4242424242424241",
            "99942424242424242424299",
            "0000000000000000",
            "+49 170 1234567",
            "PY20260102030405ABCDEFGHJK",
            "1234567890123456",
            "4242 4242",
            "2026-01-02 03:04:05.678901",
        ] {
            assert!(!contains_card_number(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in any::<String>()) {
            contains_card_number(&text);
        }

        #[test]
        fn a_number_with_one_digit_changed_passes(place in 0usize..16, by in 1u8..10) {
            let mut digits = *b"4242424242424242";
            digits[place] = b'0' + (digits[place] - b'0' + by) % 10;
            let text = std::str::from_utf8(&digits).unwrap();
            prop_assert!(!contains_card_number(text));
        }
    }
}

//! The server's binary form of numbers of any size, which sums of 64-bit integers have: digits to the base 10 000.

const BASE: i128 = 10_000;
const NEGATIVE: u16 = 0x4000;

/// A whole number in the server's form.
pub(super) fn encode(int: i64) -> Vec<u8> {
    let mut rest = i128::from(int).abs();
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push(u16::try_from(rest % BASE).unwrap_or_default());
        rest /= BASE;
    }
    digits.reverse();
    let count = u16::try_from(digits.len()).unwrap_or_default();
    let sign = if int < 0 { NEGATIVE } else { 0 };
    let head = [count, count.saturating_sub(1), sign, 0];
    head.iter().chain(&digits).flat_map(|part| part.to_be_bytes()).collect()
}

/// The number as decimal text; `None` for what is no number, or does not fit 128 bits.
pub(super) fn decode(raw: &[u8]) -> Option<String> {
    let mut parts = raw.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    let (count, weight, sign, scale) = (parts.next()?, parts.next()?.cast_signed(), parts.next()?, parts.next()?);
    if sign & !NEGATIVE != 0 {
        return None;
    }
    let digits: Vec<u16> = parts.take(usize::from(count)).collect();
    let digit = |place: i16| usize::try_from(i32::from(weight) - i32::from(place)).ok().and_then(|at| digits.get(at)).copied().unwrap_or(0);
    let mut whole: i128 = 0;
    for place in (0..=weight.max(0)).rev() {
        whole = whole.checked_mul(BASE)?.checked_add(i128::from(digit(place)))?;
    }
    let mut text = format!("{}{whole}", if sign == NEGATIVE { "-" } else { "" });
    if scale > 0 {
        let groups = i16::try_from(scale.div_ceil(4)).ok()?;
        let fraction = (1..=groups).map(|group| format!("{:04}", digit(-group))).collect::<Vec<_>>().concat();
        text.push('.');
        text.push_str(fraction.get(..usize::from(scale))?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fractions_keep_their_scale() {
        // 12345.0670 with a scale of 4, and 0.05 with one of 2, as the server sends them.
        assert_eq!(decode(&[0, 3, 0, 1, 0, 0, 0, 4, 0, 1, 0x09, 0x29, 0x02, 0x9e]).as_deref(), Some("12345.0670"));
        assert_eq!(decode(&[0, 1, 0xff, 0xff, 0x40, 0, 0, 2, 0x01, 0xf4]).as_deref(), Some("-0.05"));
        assert_eq!(decode(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "not a number");
    }

    proptest! {
        #[test]
        fn every_whole_number_is_read_as_it_was_written(int in any::<i64>()) {
            prop_assert_eq!(decode(&encode(int)), Some(int.to_string()));
        }
    }
}

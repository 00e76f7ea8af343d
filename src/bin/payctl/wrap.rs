/// The words of `text` on as many lines as it takes; a word that is wider than `width` keeps a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    filled(text, width, words(text), " ")
}

/// A remark on as many lines as it takes, each of whole clauses: what it says to type stays in one piece, to be copied. A clause that
/// is wider than `width` is left to the terminal.
pub(crate) fn remark(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| filled(line, width, clauses(line), "")).collect();
    lines.join("\n")
}

fn filled<'a>(text: &str, width: usize, pieces: impl Iterator<Item = &'a str>, between: &str) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let (mut lines, mut used) = (String::new(), 0_usize);
    for piece in pieces {
        let length = piece.trim_end().chars().count();
        if used > 0 && used.saturating_add(between.len()).saturating_add(length) > width {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push_str(between);
            used = used.saturating_add(between.len());
        }
        lines.push_str(piece);
        used = used.saturating_add(piece.chars().count());
    }
    lines
}

/// The words of a text; an amount and its currency are one.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let end = end_of_word(rest);
        let (word, left) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        rest = left.trim_start();
        Some(word)
    })
}

fn end_of_word(text: &str) -> usize {
    let word = |text: &str| text.find(char::is_whitespace).unwrap_or(text.len());
    let first = word(text);
    let Some((amount, rest)) = text.split_at_checked(first) else { return first };
    let Some(next) = rest.strip_prefix(' ') else { return first };
    let currency = next.get(..word(next)).unwrap_or_default();
    if is_amount(amount) && is_currency(currency) { first.saturating_add(1).saturating_add(currency.len()) } else { first }
}

fn is_amount(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit()) && word.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte))
}

fn is_currency(word: &str) -> bool {
    let letters = word.trim_end_matches([',', ';', ':']);
    letters.len() == 3 && letters.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What a remark consists of, each with what ends it.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let ends = ["; ", " · ", ", ", ": "].iter().filter_map(|end| rest.find(end).map(|at| at.saturating_add(end.len())));
        let (clause, left) = rest.split_at_checked(ends.min().unwrap_or(rest.len())).filter(|(clause, _)| !clause.is_empty())?;
        rest = left;
        Some(clause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_stays_beside_its_currency() {
        let parts: Vec<&str> = words(" 2546.60 EUR, 558670 JPY of 28 late  XYZ ").collect();
        assert_eq!(parts, ["2546.60 EUR,", "558670 JPY", "of", "28", "late", "XYZ"]);
        assert_eq!(wrapped("2546.60 EUR, 558670 JPY (2 late)", 12), "2546.60 EUR,\n558670 JPY\n(2 late)");
    }

    #[test]
    fn a_remark_is_broken_between_clauses_and_keeps_what_is_to_be_typed() {
        let text = "28 shown of 2000; payctl dlq show c-5b0658 tells more · COMPLETE · 0 undecodable";
        assert_eq!(remark(text, 40), "28 shown of 2000;\npayctl dlq show c-5b0658 tells more ·\nCOMPLETE · 0 undecodable");
        assert_eq!(remark(text, 200), text);
        assert_eq!(remark("payctl dlq show c-5b0658 and more", 10), "payctl dlq show c-5b0658 and more");
        assert_eq!(remark("", 10), "");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_however_narrow_it_is(text in "[a-z0-9]{1,9}([;,]? (· )?[A-Z0-9]{1,9}){0,20}", width in 1_usize..60) {
            let bare = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            for shown in [wrapped(&text, width), remark(&text, width)] {
                proptest::prop_assert_eq!(bare(&shown), bare(&text));
            }
            for line in wrapped(&text, width).lines() {
                proptest::prop_assert!(line.chars().count() <= width || words(line).count() == 1, "{:?}", line);
            }
        }
    }
}

use crate::event::sha256_hex;

/// Hex digits of a cause's short id.
const ID_DIGITS: usize = 6;

/// A short id for what a failure has in common with others: the group, the code, and the message without what names one of them.
pub(crate) fn cause_of(group: &str, code: &str, message: &str) -> String {
    let hash = sha256_hex(format!("{group}\n{code}\n{}", normalised(message)).as_bytes());
    format!("c-{}", hash.get(..ID_DIGITS).unwrap_or_default())
}

/// The message with `#` for every word that has a digit in it: numbers, uuids, payment and order numbers.
fn normalised(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut word = String::new();
    for c in message.chars() {
        if c.is_alphanumeric() || matches!(c, '-' | '_') {
            word.push(c);
        } else {
            close(&mut text, &mut word);
            text.push(c);
        }
    }
    close(&mut text, &mut word);
    text
}

fn close(text: &mut String, word: &mut String) {
    if word.chars().any(|c| c.is_ascii_digit()) {
        text.push('#');
    } else {
        text.push_str(word);
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_one_failure_is_no_part_of_the_cause() {
        let of = |message: &str| cause_of("payctl.accounting", "BALANCE_OVERFLOW", message);
        let first = of("the sums of merchant_pending:2e42829e-b6aa-4e63-964d-a45a49af106c would leave 64 bits");
        assert_eq!(first, of("the sums of merchant_pending:01900000-0000-7000-8000-000000000666 would leave 65 bits"));
        assert_ne!(first, of("the sums of fees:2e42829e-b6aa-4e63-964d-a45a49af106c would leave 64 bits"));
        assert_ne!(first, cause_of("payctl.order", "BALANCE_OVERFLOW", "the sums of merchant_pending:1 would leave 64 bits"));
        assert_eq!((first.len(), first.starts_with("c-")), (8, true));
        assert_eq!(normalised("payment PY20260102030405ABCDEFGHJK of 12.50 EUR"), "payment # of #.# EUR");
    }
}

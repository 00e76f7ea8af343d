use std::error::Error as _;

use lettre::transport::smtp::Error;

/// Characters of a server's words that are kept.
const MAX_CHARS: usize = 200;

/// What went wrong between us and the server, in its own words where it had any, without addresses.
pub(super) fn describe(error: &Error, recipient: &str) -> String {
    let mut cause: Option<&dyn std::error::Error> = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    let words = cause.map(|cause| scrub(&cause.to_string(), recipient)).unwrap_or_default();
    match error.status() {
        Some(code) if words.is_empty() => code.to_string(),
        Some(code) => format!("{code} {words}"),
        None if words.is_empty() => "the conversation failed".to_owned(),
        None => words,
    }
}

/// Servers like to repeat who the mail was for; that does not belong in an error.
fn scrub(words: &str, recipient: &str) -> String {
    let local = recipient.split('@').next().unwrap_or_default();
    let names_recipient = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.contains('@') || (!local.is_empty() && bare.eq_ignore_ascii_case(local))
    };
    let kept: Vec<&str> = words.split_whitespace().map(|word| if names_recipient(word) { "…" } else { word }).collect();
    kept.join(" ").chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_s_words_are_kept_but_for_the_address() {
        for (words, kept) in [
            ("5.1.1 <bob@example.com>: user unknown", "5.1.1 … user unknown"),
            ("5.1.1 User Bob unknown, \"bob\" has left", "5.1.1 User … unknown, … has left"),
            ("4.7.1 Greylisting in action,\r\n come back later", "4.7.1 Greylisting in action, come back later"),
        ] {
            assert_eq!(scrub(words, "bob@example.com"), kept);
        }
        assert_eq!(scrub(&"x".repeat(500), "").len(), MAX_CHARS);
    }
}

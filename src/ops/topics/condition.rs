use serde_json::Value as Json;

/// What is expected of a condition, for whoever typed another.
const EXPECTED: &str = "a condition is FIELD OP VALUE, several joined by 'and', such as 'value.amount > 10000 and type = payment.success'; \
                        OP is =, !=, >, >=, <, <= or ~ (contains)";

/// A test of a record's decoded and masked fields: `value.amount > 10000 and value.currency = USD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(Vec<Test>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    path: Vec<String>,
    comparison: Comparison,
    wanted: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    More,
    AtLeast,
    Less,
    AtMost,
    Contains,
}

/// Longer ones first, since one may begin another.
const COMPARISONS: &[(&str, Comparison)] = &[
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("=", Comparison::Equal),
    (">", Comparison::More),
    ("<", Comparison::Less),
    ("~", Comparison::Contains),
];

impl Condition {
    /// Reads a condition as it is typed; the error says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tests = text.replace("&&", " and ");
        tests.split(" and ").map(|test| Test::parse(test.trim())).collect::<Option<Vec<_>>>().map(Self).ok_or_else(|| EXPECTED.to_owned())
    }

    /// Whether a record passes; `None` where it asks for the value of a record whose value cannot be read.
    pub(super) fn holds(&self, line: &Json) -> Option<bool> {
        let is_readable = line.get("payload").is_some_and(|payload| !payload.is_null());
        let asks_value = |test: &Test| test.path.first().is_some_and(|part| part == "value");
        if !is_readable && self.0.iter().any(asks_value) {
            return None;
        }
        Some(self.0.iter().all(|test| test.holds(line)))
    }
}

impl Test {
    fn parse(text: &str) -> Option<Self> {
        let at = text.find(['=', '!', '>', '<', '~'])?;
        let (path, rest) = text.split_at(at);
        let (comparison, wanted) = COMPARISONS.iter().find_map(|(word, which)| Some((*which, rest.strip_prefix(word)?)))?;
        let path: Vec<String> = path.trim().split('.').map(str::to_owned).collect();
        let is_name =
            |part: &String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        let wanted = wanted.trim();
        let quoted = wanted.strip_prefix(['\'', '"']).and_then(|text| text.strip_suffix(['\'', '"']));
        let wanted = quoted.or_else(|| Some(wanted).filter(|word| !word.is_empty() && !word.contains(char::is_whitespace)))?;
        path.iter().all(is_name).then(|| Self { path, comparison, wanted: wanted.to_owned() })
    }

    fn holds(&self, line: &Json) -> bool {
        let Some(found) = self.field(line).filter(|found| !found.is_null()) else {
            return self.comparison == Comparison::NotEqual;
        };
        let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        // Whole numbers as such, since text would put 9 above 10; times in RFC 3339 sort as text.
        let order = match (text.parse::<i128>(), self.wanted.parse::<i128>()) {
            (Ok(found), Ok(wanted)) => found.cmp(&wanted),
            _ => text.as_str().cmp(self.wanted.as_str()),
        };
        match self.comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::More => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Contains => text.contains(&self.wanted),
        }
    }

    /// `value.x` is a field of what the event says; anything else stands beside it, as `-o json` shows it.
    fn field<'a>(&self, line: &'a Json) -> Option<&'a Json> {
        let mut parts = self.path.iter().map(String::as_str);
        let first = parts.next()?;
        let start = match first {
            "value" => line.get("payload"),
            "type" => line.get("event_type"),
            "payment" => line.get("payment_no"),
            other => line.get(other),
        };
        parts.try_fold(start?, |found, part| found.get(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(text: &str) -> Option<bool> {
        let line = json!({
            "event_type": "payment.success", "partition": 3, "key": "m_1", "headers": {"event_type": "payment.success"},
            "payload": {"amount": 10_000, "currency": "USD", "paid_at": "2026-01-02T03:04:05Z", "refunded": null, "extra": {"late": true}},
        });
        Condition::parse(text).unwrap().holds(&line)
    }

    #[test]
    fn fields_are_compared_as_numbers_or_as_text() {
        for (text, expected) in [
            ("value.amount > 9999", true),
            ("value.amount>=10000", true),
            ("value.amount < 9", false),
            ("value.amount <= 10000 and value.currency == 'USD'", true),
            ("value.amount = 10000 && value.currency != USD", false),
            ("type = payment.success", true),
            ("type ~ success", true),
            ("partition = 3", true),
            ("headers.event_type = \"payment.success\"", true),
            ("value.paid_at > 2026-01-02T03:04", true),
            ("value.extra.late = true", true),
            ("value.nothing = 1", false),
            ("value.nothing != 1", true),
            ("value.refunded > 0", false),
        ] {
            assert_eq!(holds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_record_that_cannot_be_read_has_no_value_to_judge() {
        let line = json!({ "key": "k", "payload": null });
        assert_eq!(Condition::parse("value.amount > 1").unwrap().holds(&line), None);
        assert_eq!(Condition::parse("key = k").unwrap().holds(&line), Some(true));
    }

    #[test]
    fn what_is_no_condition_is_refused_with_what_is_expected() {
        for text in ["", "value.amount", "value.amount >", "> 5", "a b = 1", "value..x = 1", "value.amount > 1 and"] {
            assert!(Condition::parse(text).unwrap_err().starts_with("a condition is FIELD OP VALUE"), "{text:?}");
        }
    }
}

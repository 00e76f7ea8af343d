use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::services::Service;

/// A dead letter by where its record was read: `dlq:accounting/payment.events/3/881`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LetterId {
    /// The group's short name.
    pub group: String,
    /// The record's topic.
    pub topic: String,
    /// Its partition.
    pub partition: i64,
    /// Its offset.
    pub offset: i64,
}

/// What an operator names: one dead letter, or all of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `c-…`
    Cause(String),
    /// `dlq:…`
    Letter(LetterId),
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dlq:{}/{}/{}/{}", self.group, self.topic, self.partition, self.offset)
    }
}

impl Serialize for LetterId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cause(cause) => f.write_str(cause),
            Self::Letter(id) => id.fmt(f),
        }
    }
}

impl FromStr for LetterId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || "a dead letter is dlq:GROUP/TOPIC/PARTITION/OFFSET, as payctl dlq list --entries shows it".to_owned();
        let mut parts = text.strip_prefix("dlq:").ok_or_else(expected)?.split('/');
        let (Some(group), Some(topic), Some(partition), Some(offset), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(expected());
        };
        let service = Service::of_group(group).ok_or_else(|| format!("there is no group {group}"))?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| expected());
        Ok(Self { group: service.name().to_owned(), topic: topic.to_owned(), partition: number(partition)?, offset: number(offset)? })
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("dlq:") {
            return text.parse().map(Self::Letter);
        }
        let is_cause = text.strip_prefix("c-").is_some_and(|hex| !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_cause {
            Ok(Self::Cause(text.to_ascii_lowercase()))
        } else {
            Err("it is c-… for a cause, or dlq:… for one dead letter".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_as_an_id_is_understood_as_one() {
        let text = "dlq:accounting/payment.events/3/881";
        assert_eq!(text.parse::<LetterId>().unwrap().to_string(), text);
        assert_eq!("dlq:payctl.accounting/payment.events/3/881".parse::<LetterId>().unwrap().to_string(), text);
        assert_eq!("c-41A0ff".parse::<Selector>(), Ok(Selector::Cause("c-41a0ff".to_owned())));
        for wrong in [
            "",
            "41a",
            "c-",
            "c-xyz",
            "dlq:accounting/payment.events/3",
            "dlq:nobody/payment.events/3/1",
            "dlq:order/t/p/1",
            "dlq:order/t/1/1/1",
        ] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }
}

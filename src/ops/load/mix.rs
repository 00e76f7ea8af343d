use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What one request of a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Creates a payment.
    Create,
    /// Reads a payment that was acknowledged.
    Query,
    /// Cancels a payment that nobody has paid.
    Cancel,
    /// Tells by a signed webhook that a payment was paid.
    Pay,
}

impl Op {
    /// Every one, in the order in which reports show them.
    pub const ALL: [Self; 4] = [Self::Create, Self::Query, Self::Cancel, Self::Pay];

    /// Its name on the command line and in journals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Query => "query",
            Self::Cancel => "cancel",
            Self::Pay => "pay",
        }
    }
}

/// How often each operation comes, as parts of their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix([(Op, u32); 4]);

/// The words are no mix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a mix is parts by operation (create, query, cancel, pay), each named once and create not 0, such as create=70,query=20,pay=10")]
pub struct InvalidMix;

impl Mix {
    /// The largest part.
    const MAX_PART: u32 = 1_000_000;

    /// The operation that this randomness picks: each as often as its part of the sum says.
    pub fn pick(&self, random: u64) -> Op {
        let sum: u64 = self.0.iter().map(|(_, part)| u64::from(*part)).sum();
        let mut left = random % sum.max(1);
        for (op, part) in self.0 {
            let part = u64::from(part);
            if left < part {
                return op;
            }
            left -= part;
        }
        Op::Create
    }
}

impl Default for Mix {
    fn default() -> Self {
        Self([(Op::Create, 70), (Op::Query, 20), (Op::Cancel, 5), (Op::Pay, 5)])
    }
}

impl FromStr for Mix {
    type Err = InvalidMix;

    fn from_str(text: &str) -> Result<Self, InvalidMix> {
        let mut parts = Op::ALL.map(|op| (op, None));
        for word in text.split(',') {
            let (name, part) = word.split_once('=').ok_or(InvalidMix)?;
            let place = parts.iter_mut().find(|(op, _)| op.as_str() == name.trim()).ok_or(InvalidMix)?;
            let part = part.trim().parse::<u32>().ok().filter(|part| *part <= Self::MAX_PART).ok_or(InvalidMix)?;
            if place.1.replace(part).is_some() {
                return Err(InvalidMix);
            }
        }
        let mix = parts.map(|(op, part)| (op, part.unwrap_or(0)));
        // Every other operation needs a payment that this run has created.
        let creates = mix.iter().any(|(op, part)| *op == Op::Create && *part > 0);
        if creates { Ok(Self(mix)) } else { Err(InvalidMix) }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().filter(|(_, part)| *part > 0).map(|(op, part)| format!("{}={part}", op.as_str())).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mix_is_read_and_written_in_the_same_words() {
        for text in ["create=70,query=20,cancel=5,pay=5", "create=1", "create=3,pay=1"] {
            assert_eq!(text.parse::<Mix>().unwrap().to_string(), text);
        }
        assert_eq!(" pay=1, create=2".parse::<Mix>().unwrap().to_string(), "create=2,pay=1");
        for text in ["", "create", "create=", "create=-1", "create=1,create=2", "refund=5,create=1", "query=5", "create=0,query=1"] {
            assert_eq!(text.parse::<Mix>(), Err(InvalidMix), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_operation_comes_exactly_as_often_as_its_part(parts in (1_u32..50, 0_u32..50, 0_u32..50, 0_u32..50)) {
            let (create, query, cancel, pay) = parts;
            let mix: Mix = format!("create={create},query={query},cancel={cancel},pay={pay}").parse().unwrap();
            let sum = u64::from(create + query + cancel + pay);
            let count = |op| u32::try_from((0..sum).filter(|random| mix.pick(*random) == op).count()).unwrap();
            prop_assert_eq!(Op::ALL.map(count), [create, query, cancel, pay]);
        }
    }
}

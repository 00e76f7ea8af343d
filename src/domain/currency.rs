use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency whose minor unit is 0, 2 or 3 decimal places.
///
/// Precious metals, funds codes and test codes have no such unit and are not currencies here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// The text is not the upper-case code of a currency that can be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency")]
pub struct UnknownCurrency;

impl Currency {
    /// US dollar, the currency of examples and tests.
    pub const USD: Self = Self { code: *b"USD", exponent: 2 };

    /// The three-letter code, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// Decimal places of the minor unit (ISO 4217): USD 2, JPY 0, KWD 3.
    pub const fn exponent(self) -> u8 {
        self.exponent
    }

    /// Minor units in one major unit: 1, 100 or 1000.
    pub const fn minor_per_major(self) -> i64 {
        match self.exponent {
            0 => 1,
            3 => 1000,
            _ => 100,
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Most of what is read is in it, and the table of all of them is long.
        if text == Self::USD.as_str() {
            return Ok(Self::USD);
        }
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| UnknownCurrency)?;
        if !code.iter().all(u8::is_ascii_uppercase) {
            return Err(UnknownCurrency);
        }
        let iso = iso_currency::Currency::from_code(text).ok_or(UnknownCurrency)?;
        match iso.exponent() {
            Some(exponent @ (0 | 2 | 3)) => Ok(Self { code, exponent: u8::try_from(exponent).map_err(|_| UnknownCurrency)? }),
            _ => Err(UnknownCurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exponents_are_those_of_iso_4217() {
        for (code, exponent) in [("USD", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("UGX", 0), ("MGA", 2), ("CNY", 2)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), exponent, "{code}");
        }
    }

    #[test]
    fn lower_case_unknown_and_metal_codes_are_refused() {
        for code in ["usd", "US", "USDX", "ZZZ", "XAU", "XXX", "CLF", "", "Ü1"] {
            assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency), "{code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_printed_unchanged(text in "\\PC{0,5}|[A-Z]{3}") {
            if let Ok(currency) = text.parse::<Currency>() {
                prop_assert_eq!(currency.to_string(), text);
                prop_assert_eq!(currency.minor_per_major(), 10i64.pow(u32::from(currency.exponent())));
            }
        }
    }
}

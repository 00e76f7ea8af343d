use std::fmt;
use std::str::FromStr;

use super::MerchantId;

/// The side on which an account grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormalSide {
    /// Assets and expenses.
    Debit,
    /// Liabilities and income.
    Credit,
}

/// What an account is in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// What we have or are owed.
    Asset,
    /// What we owe.
    Liability,
    /// What we earned.
    Income,
    /// What we spent.
    Expense,
}

impl AccountKind {
    /// The wire name, which is also the top level in exported ledgers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }

    /// The kind of this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Asset, Self::Liability, Self::Income, Self::Expense].into_iter().find(|kind| kind.as_str() == text)
    }

    /// The side that makes the balance larger.
    pub const fn normal_side(self) -> NormalSide {
        match self {
            Self::Asset | Self::Expense => NormalSide::Debit,
            Self::Liability | Self::Income => NormalSide::Credit,
        }
    }

    /// What `debits` and `credits` (neither negative) leave on the normal side.
    pub const fn balance(self, debits: i64, credits: i64) -> i64 {
        match self.normal_side() {
            NormalSide::Debit => debits.saturating_sub(credits),
            NormalSide::Credit => credits.saturating_sub(debits),
        }
    }
}

/// An account of contract section 11; the currency is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// What a channel holds for us.
    ChannelClearing(String),
    /// Our account at the bank.
    Bank,
    /// What we owe a merchant, not yet settled; may be negative.
    MerchantPending(MerchantId),
    /// What a merchant may withdraw.
    MerchantAvailable(MerchantId),
    /// What a merchant is withdrawing.
    WithdrawalHold(MerchantId),
    /// Fees earned on payments.
    FeeIncome,
    /// Fees earned on withdrawals.
    WithdrawalFeeIncome,
    /// What a channel took.
    ChannelFees(String),
}

impl Account {
    /// Asset, liability, income or expense.
    pub const fn kind(&self) -> AccountKind {
        match self {
            Self::ChannelClearing(_) | Self::Bank => AccountKind::Asset,
            Self::MerchantPending(_) | Self::MerchantAvailable(_) | Self::WithdrawalHold(_) => AccountKind::Liability,
            Self::FeeIncome | Self::WithdrawalFeeIncome => AccountKind::Income,
            Self::ChannelFees(_) => AccountKind::Expense,
        }
    }

    /// The merchant that it is kept for; none on the platform's own accounts.
    pub const fn merchant(&self) -> Option<MerchantId> {
        match self {
            Self::MerchantPending(merchant) | Self::MerchantAvailable(merchant) | Self::WithdrawalHold(merchant) => Some(*merchant),
            Self::ChannelClearing(_) | Self::Bank | Self::FeeIncome | Self::WithdrawalFeeIncome | Self::ChannelFees(_) => None,
        }
    }
}

/// The text names no account of contract section 11.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an account")]
pub struct UnknownAccount;

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let merchant = |owner: &str| owner.parse::<MerchantId>().map_err(|_| UnknownAccount);
        match text.split_once(':') {
            None if text == "bank" => Ok(Self::Bank),
            None if text == "fee_income" => Ok(Self::FeeIncome),
            None if text == "withdrawal_fee_income" => Ok(Self::WithdrawalFeeIncome),
            Some(("channel_clearing", channel)) if !channel.is_empty() => Ok(Self::ChannelClearing(channel.to_owned())),
            Some(("channel_fees", channel)) if !channel.is_empty() => Ok(Self::ChannelFees(channel.to_owned())),
            Some(("merchant_pending", owner)) => merchant(owner).map(Self::MerchantPending),
            Some(("merchant_available", owner)) => merchant(owner).map(Self::MerchantAvailable),
            Some(("withdrawal_hold", owner)) => merchant(owner).map(Self::WithdrawalHold),
            _ => Err(UnknownAccount),
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChannelClearing(channel) => write!(f, "channel_clearing:{channel}"),
            Self::Bank => f.write_str("bank"),
            Self::MerchantPending(merchant) => write!(f, "merchant_pending:{merchant}"),
            Self::MerchantAvailable(merchant) => write!(f, "merchant_available:{merchant}"),
            Self::WithdrawalHold(merchant) => write!(f, "withdrawal_hold:{merchant}"),
            Self::FeeIncome => f.write_str("fee_income"),
            Self::WithdrawalFeeIncome => f.write_str("withdrawal_fee_income"),
            Self::ChannelFees(channel) => write!(f, "channel_fees:{channel}"),
        }
    }
}

/// Why a leg exists; one booking per (event, leg).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferKind {
    /// The payment's whole amount.
    PaymentGross,
    /// Our fee on it.
    PaymentFee,
}

impl TransferKind {
    /// The stored and wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentGross => "payment_gross",
            Self::PaymentFee => "payment_fee",
        }
    }
}

/// One transfer between two accounts: balanced by construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Why it exists.
    pub kind: TransferKind,
    /// The account debited.
    pub debit: Account,
    /// The account credited.
    pub credit: Account,
    /// Minor units, always positive.
    pub amount_minor: i64,
}

impl Leg {
    /// The legs of `payment.success` (contract section 11): gross, and the fee when there is one.
    pub fn of_payment(channel: &str, merchant: MerchantId, amount_minor: i64, fee_minor: i64) -> Vec<Self> {
        let mut legs = vec![Self {
            kind: TransferKind::PaymentGross,
            debit: Account::ChannelClearing(channel.to_owned()),
            credit: Account::MerchantPending(merchant),
            amount_minor,
        }];
        if fee_minor > 0 {
            legs.push(Self {
                kind: TransferKind::PaymentFee,
                debit: Account::MerchantPending(merchant),
                credit: Account::FeeIncome,
                amount_minor: fee_minor,
            });
        }
        legs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MERCHANT: MerchantId = MerchantId(uuid::Uuid::from_u128(7));

    proptest! {
        #[test]
        fn the_merchant_is_owed_the_amount_less_the_fee(amount in 1..=crate::domain::MAX_API_AMOUNT, bps in 0i64..=10_000) {
            let fee = crate::domain::fee_amount(amount, bps);
            let legs = Leg::of_payment("stripe", MERCHANT, amount, fee);
            let pending = Account::MerchantPending(MERCHANT);
            let owed: i128 = legs.iter().map(|leg| {
                let credit = if leg.credit == pending { i128::from(leg.amount_minor) } else { 0 };
                let debit = if leg.debit == pending { i128::from(leg.amount_minor) } else { 0 };
                credit - debit
            }).sum();
            prop_assert_eq!(owed, i128::from(amount) - i128::from(fee));
            prop_assert!(legs.iter().all(|leg| leg.amount_minor > 0 && leg.debit != leg.credit));
        }
    }

    #[test]
    fn an_account_is_read_back_from_its_name() {
        let channel = || "stripe".to_owned();
        for account in [
            Account::ChannelClearing(channel()),
            Account::Bank,
            Account::MerchantPending(MERCHANT),
            Account::MerchantAvailable(MERCHANT),
            Account::WithdrawalHold(MERCHANT),
            Account::FeeIncome,
            Account::WithdrawalFeeIncome,
            Account::ChannelFees(channel()),
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        for text in ["", "bank:x", "merchant_pending:", "merchant_pending:x", "channel_clearing:", "cash"] {
            assert_eq!(text.parse::<Account>(), Err(UnknownAccount), "{text}");
        }
    }

    #[test]
    fn a_payment_without_fee_has_one_leg() {
        assert_eq!(Leg::of_payment("stripe", MERCHANT, 100, 0).len(), 1);
    }
}

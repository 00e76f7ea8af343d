use crate::domain::{Money, Timestamp, format_timestamp};
use crate::ops::amount::listed;
use crate::ops::source::told;
use crate::ops::span::clock;
use crate::ops::{Report, Table, payments};

use super::MerchantDetail;
use super::standing::{age, fee};

impl Report for MerchantDetail {
    const NAMES: Option<&'static str> = Some("merchant ids");

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.merchant(), self.today(), self.balances()];
        let mut last = payments::table(&self.payments, self.at);
        "last payments".clone_into(&mut last.title);
        tables.extend([last, self.letters(), self.keys()]);
        if let Some(last) = tables.last_mut() {
            last.notes.extend(self.remarks());
        }
        tables
    }

    fn names(&self) -> Vec<String> {
        vec![self.merchant.merchant_id.to_string()]
    }
}

impl MerchantDetail {
    fn merchant(&self) -> Table {
        let mut table = Table::new(&["MERCHANT", ""]);
        let open = &self.merchant.open;
        let oldest = open.oldest_payment_no.as_ref().map_or_else(dash, |number| format!("{number}, {} old", age(open.oldest_at, self.at)));
        let rows = [
            ("merchant_id", self.merchant.merchant_id.to_string()),
            ("name", self.merchant.name.clone()),
            ("status", self.merchant.status.clone()),
            ("fee", fee(self.merchant.fee_bps)),
            ("email", self.email.clone()),
            ("created_at", format_timestamp(self.created_at)),
            ("payments", self.total_payments.to_string()),
            ("open payments", open.count.to_string()),
            ("oldest open", oldest),
            ("dead letters", self.merchant.dead_letters.count.to_string()),
            ("parked money", listed(&self.merchant.dead_letters.money)),
        ];
        for (name, value) in rows {
            table.push([name.to_owned(), value]);
        }
        table
    }

    fn today(&self) -> Table {
        let mut table = titled("today", &["CURRENCY", ">PAYMENTS", ">SUCCEEDED", ">FAILED", ">RATE-%", ">AMOUNT"]);
        for day in self.merchant.today.iter().flatten() {
            table.push([
                day.currency.to_string(),
                day.payments.to_string(),
                day.succeeded.to_string(),
                day.failed.to_string(),
                day.success_rate.map_or_else(dash, |rate| rate.to_string()),
                Money::new(day.amount, day.currency).major(),
            ]);
        }
        table
    }

    fn balances(&self) -> Table {
        let mut table = titled("balances", &["CURRENCY", ">PENDING", ">AVAILABLE", ">HELD"]);
        for balance in &self.balances {
            let major = |minor: Option<i64>| minor.map_or_else(dash, |minor| Money::new(minor, balance.currency).major());
            table.push([balance.currency.to_string(), major(balance.pending), major(balance.available), major(balance.held)]);
        }
        table
    }

    fn letters(&self) -> Table {
        let mut table =
            titled("open dead letters", &["GROUP", "??STATE", "PAYMENT", "??TYPE", ">AMOUNT", "??>ATTEMPTS", "?>SINCE", "ERROR"]);
        for letter in &self.dead_letters {
            table.push([
                letter.group.clone(),
                letter.state.clone(),
                letter.payment_no.clone().unwrap_or_else(dash),
                letter.event_type.clone().unwrap_or_else(dash),
                letter.money.map_or_else(dash, |money| money.to_string()),
                letter.attempts.to_string(),
                age(Some(letter.first_failed_at), self.at),
                format!("{}: {}", letter.error_code, letter.error_message),
            ]);
        }
        table
    }

    fn keys(&self) -> Table {
        let mut table = titled("API keys", &["KEY", "LABEL", "CREATED", "REVOKED"]);
        let time = |time: Timestamp| clock(time, self.at);
        for key in &self.api_keys {
            table.push([key.key_id.clone(), key.label.clone(), time(key.created_at), key.revoked_at.map_or_else(dash, time)]);
        }
        table
    }

    /// What the tables leave out, and where they come from.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.merchant.today.is_none() {
            remarks.push("analytics has read nothing yet, so nothing of today is known".to_owned());
        }
        if self.merchant.uncounted != 0 {
            let behind = self.merchant.uncounted;
            remarks.push(format!("analytics is {behind} payments of today behind the gateway; try: payctl lag analytics"));
        }
        let (payments, letters) = (self.payments.len(), self.dead_letters.len());
        if i64::try_from(payments).is_ok_and(|shown| shown < self.total_payments) {
            let id = self.merchant.merchant_id;
            remarks.push(format!("{payments} of {} payments; more with -n, or payctl payments list --merchant {id}", self.total_payments));
        }
        let parked = self.merchant.dead_letters.count;
        if i64::try_from(letters).is_ok_and(|shown| shown < parked) {
            remarks.push(format!("{letters} of {parked} dead letters; more with -n"));
        }
        remarks.extend(told(&self.sources, self.at));
        remarks
    }
}

fn titled(title: &str, headers: &[&'static str]) -> Table {
    Table { title: title.to_owned(), ..Table::new(headers) }
}

fn dash() -> String {
    "-".to_owned()
}

use serde::Serialize;

use crate::ops::{OpsError, Reader, Report, Table};
use crate::services::Service;
use crate::store::{DeskAnswer, DeskOrder, Imported, Row, StoreError, Tx};

use super::{Desk, LetterQuery, entry};

/// Letters that are exported at most.
const MOST: i64 = 100_000;
/// Letters that are read, or taken in, by one transaction.
const PAGE: usize = 200;

/// What became of a file of dead letters.
#[derive(Debug, Clone, Serialize)]
pub struct Transfer {
    /// Lines that were read.
    pub lines: usize,
    /// Letters that were taken in; `None` for a plan.
    pub taken: Option<usize>,
    /// Those that were left out.
    pub refused: Vec<RefusedLine>,
}

/// A line that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedLine {
    /// From 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// Hands over what is meant, oldest first, each with its bytes.
pub async fn export(reader: &Reader, query: &LetterQuery, mut each: impl FnMut(&Imported) -> bool) -> Result<usize, OpsError> {
    let wanted = query.clone();
    let found = reader.store.read(async move |tx: &mut Tx| entry::select(tx, &wanted, MOST).await).await?;
    let numbers: Vec<i64> = found.iter().map(|entry| entry.number).collect();
    let mut count = 0;
    for page in numbers.chunks(PAGE) {
        let page = page.to_vec();
        let letters = reader.store.read(async move |tx: &mut Tx| exported(tx, &page).await).await?;
        for letter in &letters {
            if !each(letter) {
                return Ok(count);
            }
            count += 1;
        }
    }
    Ok(count)
}

async fn exported(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Imported>, StoreError> {
    let mut letters = Vec::with_capacity(numbers.len());
    for number in numbers {
        let sql =
            "SELECT grp, topic, partition, log_offset, attempts, error_code, error_message, key, headers, value FROM dlq WHERE id = $1";
        if let Some(row) = tx.query_one(sql, &[(*number).into()]).await? {
            letters.push(letter(&row)?);
        }
    }
    Ok(letters)
}

fn letter(row: &Row) -> Result<Imported, StoreError> {
    Ok(Imported {
        group: row.get(0)?,
        topic: row.get(1)?,
        partition: u16::try_from(row.get::<i64>(2)?).map_err(|_| StoreError::Column(2))?,
        offset: row.get(3)?,
        attempts: row.get(4)?,
        error_code: row.get(5)?,
        error_message: row.get(6)?,
        key: row.get(7)?,
        headers: row.get(8)?,
        value_hex: hex::encode(row.get::<Vec<u8>>(9)?),
    })
}

/// Reads lines as [`export`] hands them over; `desk` takes them in, and without one nothing is changed.
pub async fn import(text: &str, group: Option<Service>, desk: Option<(&Desk, &str, &str)>) -> Result<Transfer, OpsError> {
    let mut transfer = Transfer { lines: 0, taken: None, refused: Vec::new() };
    let mut letters: Vec<(usize, Imported)> = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        transfer.lines += 1;
        match read_line(text, group) {
            Ok(letter) => letters.push((line, letter)),
            Err(reason) => transfer.refused.push(RefusedLine { line, reason }),
        }
    }
    let Some((desk, actor, reason)) = desk else { return Ok(transfer) };
    let mut taken = 0;
    for page in letters.chunks(PAGE) {
        let (actor, reason) = (actor.to_owned(), reason.to_owned());
        let order = DeskOrder::Import { letters: page.iter().map(|(_, letter)| letter.clone()).collect(), actor, reason };
        let DeskAnswer { changed, refused } = desk.carry_out(&order).await?;
        taken += changed.len();
        let line_of = |number: i64| page.get(usize::try_from(number).ok()?.checked_sub(1)?).map(|(line, _)| *line);
        let refused = refused.into_iter().filter_map(|one| Some(RefusedLine { line: line_of(one.id)?, reason: one.reason }));
        transfer.refused.extend(refused);
    }
    Ok(Transfer { taken: Some(taken), ..transfer })
}

fn read_line(text: &str, group: Option<Service>) -> Result<Imported, String> {
    let letter: Imported =
        serde_json::from_str(text).map_err(|error| format!("not a line of payctl dlq export (column {})", error.column()))?;
    let service =
        group.or_else(|| Service::of_group(&letter.group)).ok_or_else(|| format!("no group {:?} here: add --group", letter.group))?;
    Ok(Imported { group: service.group().unwrap_or_default(), ..letter })
}

impl Report for Transfer {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&[">LINE", "LEFT OUT BECAUSE"]);
        for refused in &self.refused {
            table.push([refused.line.to_string(), refused.reason.clone()]);
        }
        table.notes.push(match self.taken {
            None => format!("{} of {} lines can be read", self.lines.saturating_sub(self.refused.len()), self.lines),
            Some(taken) => format!("{taken} of {} are among the dead letters now, failed; replay them with payctl dlq replay", self.lines),
        });
        vec![table]
    }
}

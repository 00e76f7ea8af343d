use comfy_table::{CellAlignment, ContentArrangement};
use payctl::ops::{Align, Table};

use crate::wrap::{words, wrapped};

/// Between two columns.
const GAP: u16 = 2;
/// The last column explains: with this much room it is wrapped, and only a longer word runs over the edge.
const LEAST_EXPLANATION: usize = 20;
/// A payment's number, which is the longest name in most explanations; other columns may be left out for it.
const LONGEST_NAME: usize = 26;
/// What stands before an explanation below its row.
const MOVED_IN: &str = "    ";
/// The shape of a UUID …
const UUID: &[u8] = b"00000000-0000-0000-0000-000000000000";
/// … and how much of its end is enough for people: that of one made from the time is random there.
const UUID_END: usize = 8;

/// Sets a table without borders. To a terminal's width it is wrapped between words only: an id that is broken in two cannot be
/// copied. Where not even the words fit beside each other, what the last column explains stands below its row, and what has no
/// explanation is left whole, as is everything where there is no terminal.
pub(crate) fn set(table: &Table, terminal_width: Option<u16>) -> String {
    let Some(available) = terminal_width.map(usize::from).filter(|available| !stands(table, *available)) else {
        return grid(table, None).to_string();
    };
    match widths(table, available) {
        Some(widths) => grid(table, Some(&widths)).to_string(),
        None if explains(table) => explained_below(table, available),
        None => grid(table, None).to_string(),
    }
}

fn grid(table: &Table, widths: Option<&[usize]>) -> comfy_table::Table {
    let mut grid = comfy_table::Table::new();
    grid.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    grid.set_header(table.columns.iter().map(|column| column.header));
    for row in &table.rows {
        let cells = row.iter().map(|cell| visible(cell));
        match widths {
            Some(widths) => grid.add_row(cells.zip(widths).map(|(cell, width)| wrapped(&cell, *width))),
            None => grid.add_row(cells),
        };
    }
    for (index, column) in table.columns.iter().enumerate() {
        if let Some(set) = grid.column_mut(index) {
            set.set_cell_alignment(if column.align == Align::Right { CellAlignment::Right } else { CellAlignment::Left });
            set.set_padding((0, GAP));
        }
    }
    grid
}

/// The table without its last column, whose words follow each row, moved in.
fn explained_below(table: &Table, available: usize) -> String {
    let mut above = table.clone();
    above.columns.pop();
    let explanations: Vec<String> = above.rows.iter_mut().map(|row| row.pop().unwrap_or_default()).collect();
    // One line a row, so that it is known where the next one begins.
    let rows = grid(&above, None).to_string();
    let mut lines = rows.lines();
    let mut text = lines.next().unwrap_or_default().to_owned();
    for (row, explanation) in lines.zip(explanations) {
        text.push('\n');
        text.push_str(row);
        for line in wrapped(&visible(&explanation), available.saturating_sub(MOVED_IN.len())).lines() {
            text.push('\n');
            text.push_str(MOVED_IN);
            text.push_str(line);
        }
    }
    text
}

/// The header and the rows of a table that goes on, no narrower than `widths`, which grow with them.
pub(crate) fn grow(table: &Table, widths: &mut Vec<usize>) -> (String, Vec<String>) {
    widths.resize(table.columns.len(), 0);
    for (width, needed) in widths.iter_mut().zip(each_column(table, |cell| cell.chars().count())) {
        *width = needed.max(*width);
    }
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let columns = cells.zip(&table.columns).zip(widths.iter());
        let set = columns.map(|((cell, column), width)| match column.align {
            Align::Right => format!("{cell:>width$}"),
            Align::Left => format!("{cell:<width$}"),
        });
        set.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let header = line(&mut table.columns.iter().map(|column| column.header.to_owned()));
    (header, table.rows.iter().map(|row| line(&mut row.iter().map(|cell| visible(cell)))).collect())
}

/// What columns of these widths take, with what is between them.
fn across(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>().saturating_add(usize::from(GAP).saturating_mul(widths.len().saturating_sub(1)))
}

/// Whether the table fits as it is.
fn stands(table: &Table, available: usize) -> bool {
    across(&each_column(table, |cell| cell.chars().count())) <= available
}

/// How wide each column may be for the whole to fit; `None` where it does not, however narrow they are.
fn widths(table: &Table, available: usize) -> Option<Vec<usize>> {
    let mut widths = each_column(table, |cell| cell.chars().count());
    let least = least_widths(table);
    let mut excess = across(&widths).checked_sub(available)?;
    if across(&least) > available {
        return None;
    }
    // The widest column gives way first: it is the one with the most words.
    while excess > 0 {
        let shrinkable = widths.iter_mut().zip(&least).filter(|(width, least)| **width > **least);
        let (width, _) = shrinkable.max_by_key(|(width, _)| **width)?;
        *width = width.saturating_sub(1);
        excess = excess.saturating_sub(1);
    }
    Some(widths)
}

/// The columns that are shown where a line has `available` characters: those that may be left out go, the most dispensable first and
/// of these the rightmost, until the words of the rest fit.
pub(crate) fn fitting(table: &Table, available: usize) -> Vec<usize> {
    let (mut least, words) = (least_widths(table), longest_words(table));
    if let (Some(least), Some(column)) = (least.last_mut(), table.columns.last()) {
        let whole = each_column(table, |cell| cell.chars().count()).last().copied().unwrap_or(0);
        let word = words.last().copied().unwrap_or(0);
        // Where it explains it needs room for some words, or a name; where it is an id that may be left out, all of it.
        *least = if column.spare > 0 { word } else { word.min(LONGEST_NAME).max(*least) }.max(LEAST_EXPLANATION.min(whole));
    }
    let needed = |chosen: &[usize]| {
        let chosen: Vec<usize> = chosen.iter().filter_map(|index| least.get(*index).copied()).collect();
        across(&chosen)
    };
    let mut chosen: Vec<usize> = (0..table.columns.len()).collect();
    while needed(&chosen) > available {
        let spare = |index: &usize| table.columns.get(*index).map_or(0, |column| column.spare);
        let Some(index) = chosen.iter().copied().filter(|index| spare(index) > 0).max_by_key(|index| (spare(index), *index)) else { break };
        chosen.retain(|kept| *kept != index);
    }
    chosen
}

/// Whether the words of every column stand beside each other where a line has `available` characters.
pub(crate) fn fits(table: &Table, available: usize) -> bool {
    across(&least_widths(table)) <= available
}

/// Writes only the end of each UUID that is part of another name, such as an account's; `false` where there is none. One that
/// stands alone is there to be copied.
pub(crate) fn shorten(table: &mut Table) -> bool {
    let mut is_shorter = false;
    for cell in table.rows.iter_mut().flatten().filter(|cell| cell.len() > UUID.len()) {
        while let Some(start) = uuid(cell) {
            cell.replace_range(start..start.saturating_add(UUID.len().saturating_sub(UUID_END)), "…");
            is_shorter = true;
        }
    }
    is_shorter
}

/// Where the first UUID of `text` starts.
fn uuid(text: &str) -> Option<usize> {
    let is_one =
        |window: &[u8]| window.iter().zip(UUID).all(|(byte, shape)| if *shape == b'-' { *byte == b'-' } else { byte.is_ascii_hexdigit() });
    text.as_bytes().windows(UUID.len()).position(is_one)
}

/// How narrow each column may become: its longest word, but for the explanation at the end.
fn least_widths(table: &Table) -> Vec<usize> {
    let mut least = longest_words(table);
    if let (Some(least), true) = (least.last_mut(), explains(table)) {
        *least = LONGEST_NAME.min(*least);
    }
    least
}

/// Whether the last column explains in words.
fn explains(table: &Table) -> bool {
    table.columns.len() > 1 && table.rows.iter().filter_map(|row| row.last()).any(|cell| cell.contains(' '))
}

/// The longest word of each column; of one with numbers the longest cell, for an amount stays beside its currency.
fn longest_words(table: &Table) -> Vec<usize> {
    let words = each_column(table, |cell| words(cell).map(|word| word.chars().count()).max().unwrap_or(0));
    let whole = each_column(table, |cell| cell.chars().count());
    let columns = words.into_iter().zip(whole).zip(&table.columns);
    columns.map(|((word, whole), column)| if column.align == Align::Right { whole } else { word }).collect()
}

/// The largest `measure` of each column's header and cells.
fn each_column(table: &Table, measure: impl Fn(&str) -> usize) -> Vec<usize> {
    let cells = |index: usize| table.rows.iter().filter_map(move |row| row.get(index)).map(|cell| visible(cell));
    let columns = table.columns.iter().enumerate();
    columns.map(|(index, column)| cells(index).map(|cell| measure(&cell)).chain([measure(column.header)]).max().unwrap_or(0)).collect()
}

/// Stored texts may hold anything; what would move the cursor or colour the screen is shown as its escape.
fn visible(cell: &str) -> String {
    if cell.chars().any(char::is_control) { cell.escape_debug().to_string() } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&[&str]]) -> Table {
        let mut table = Table::new(&["ID", ">LAG", "DETAIL"]);
        for row in cells {
            table.push(row.iter().map(|cell| (*cell).to_owned()));
        }
        table
    }

    fn lines(table: &Table, width: Option<u16>) -> Vec<String> {
        set(table, width).lines().map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn columns_stand_two_apart_and_numbers_to_the_right() {
        let table = table(&[&["accounting", "1204", "STALLED"], &["order", "0", "OK"]]);
        let expected = ["ID           LAG  DETAIL", "accounting  1204  STALLED", "order          0  OK"];
        assert_eq!(lines(&table, None), expected);
        assert_eq!(lines(&table, Some(80)), expected);
    }

    #[test]
    fn a_terminal_gets_lines_that_break_between_words_only() {
        let table = table(&[&["PY20260102030405ABCDEFGHJK", "3", "some words that go on for longer than the terminal is wide"]]);
        assert_eq!(
            lines(&table, Some(60)),
            [
                "ID                          LAG  DETAIL",
                "PY20260102030405ABCDEFGHJK    3  some words that go on for",
                "                                 longer than the terminal is",
                "                                 wide"
            ]
        );
    }

    #[test]
    fn a_long_word_in_the_last_column_runs_over_the_edge_in_one_piece() {
        let account = "merchant_pending:2e42829e-b6aa-4e63-964d-a45a49af106c";
        let table = table(&[&["accounting", "3", &format!("debit {account} of 2.00 USD")]]);
        assert_eq!(
            lines(&table, Some(60))[1..],
            ["accounting    3  debit".to_owned(), format!("{:17}{account}", ""), format!("{:17}of 2.00 USD", "")]
        );
    }

    #[test]
    fn what_cannot_fit_is_left_whole_like_what_is_piped() {
        let table = table(&[&["PY20260102030405ABCDEFGHJK", "3", "wordless"]]);
        assert_eq!(lines(&table, Some(30)), lines(&table, None));
        assert_eq!(lines(&table, None).len(), 2);
    }

    #[test]
    fn an_explanation_without_room_beside_its_row_stands_below_it() {
        let table = table(&[&["PY20260102030405ABCDEFGHJK", "3", "some words that explain what it is"], &["order", "10", ""]]);
        let expected = [
            "ID                          LAG",
            "PY20260102030405ABCDEFGHJK    3",
            "    some words that explain",
            "    what it is",
            "order                        10",
        ];
        assert_eq!(lines(&table, Some(31)), expected);
    }

    #[test]
    fn columns_that_may_be_left_out_go_until_the_rest_fits() {
        let mut table = Table::new(&["PAYMENT", "??CHANNEL", ">AMOUNT", "?MERCHANT"]);
        table.push(["PY20260102030405ABCDEFGHJK", "stripe", "1.00 USD", "2e42829e-b6aa-4e63-964d-a45a49af106c"].map(str::to_owned));
        assert_eq!(fitting(&table, 100), [0, 1, 2, 3]);
        assert_eq!(fitting(&table, 80), [0, 2, 3]);
        assert_eq!(fitting(&table, 40), [0, 2]);
        assert_eq!(fitting(&table, 10), [0, 2]);
    }

    #[test]
    fn a_uuid_that_is_shortened_keeps_its_end() {
        let mut table = table(&[&["due:2e42829e-b6aa-4e63-964d-a45a49af106c", "1", "é 01a2088f-d8e3-7bb0-870b-daf3bd972e5a!"]]);
        assert!(!fits(&table, 60) && shorten(&mut table) && fits(&table, 60));
        assert_eq!(table.rows, [["due:…49af106c", "1", "é …bd972e5a!"]]);
        assert!(!shorten(&mut table));
        let mut alone = Table::new(&["EVENT"]);
        alone.push(["01a2088f-d8e3-7bb0-870b-daf3bd972e5a".to_owned()]);
        assert!(!shorten(&mut alone));
    }

    #[test]
    fn later_rows_stand_below_earlier_ones() {
        let mut widths = Vec::new();
        let (header, first) = grow(&table(&[&["order", "10", "x"]]), &mut widths);
        assert_eq!([header.as_str(), &first[0]], ["ID     LAG  DETAIL", "order   10  x"]);
        let (_, later) = grow(&table(&[&["a", "2", "y"], &["accounting", "3", "z"]]), &mut widths);
        assert_eq!(later, ["a             2  y", "accounting    3  z"]);
    }

    #[test]
    fn stored_text_cannot_move_the_cursor() {
        assert_eq!(lines(&table(&[&["\u{1b}[2J", "0", "gone\nnext"]]), None)[1], "\\u{1b}[2J    0  gone\\nnext");
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal_where_the_words_fit(detail in "[a-z]{1,9}( [a-z]{1,9}){0,30}", width in 30u16..120) {
            let table = table(&[&["accounting", "1", &detail]]);
            for line in lines(&table, Some(width)) {
                proptest::prop_assert!(line.chars().count() <= usize::from(width), "{line:?}");
            }
            let shown = lines(&table, Some(width));
            let words = shown[1..].iter().flat_map(|line| line.get(17..).unwrap_or("").split_whitespace());
            proptest::prop_assert_eq!(words.collect::<Vec<_>>(), detail.split_whitespace().collect::<Vec<_>>());
        }
    }
}

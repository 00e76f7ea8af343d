use payctl::config::nearest;
use payctl::ops::Table;

use crate::cell::Cell;
use crate::error::Failure;
use crate::format::{Layout, Sort};

/// Tables with the columns and in the order that are wanted; an unknown column is a usage error.
///
/// A column may be in one of several tables only: then the others are left out, or left in their order.
pub(crate) fn arrange(mut tables: Vec<Table>, layout: &Layout) -> Result<Vec<Table>, Failure> {
    if let Some(sort) = &layout.sort {
        known(&tables, &sort.column, "--sort")?;
        for table in &mut tables {
            sort_by(table, sort);
        }
    }
    if layout.columns.is_empty() {
        return Ok(tables);
    }
    for name in &layout.columns {
        known(&tables, name, "--columns")?;
    }
    let (mut shown, mut notes): (Vec<Table>, Vec<String>) = (Vec::new(), Vec::new());
    for table in tables {
        let chosen: Vec<usize> = layout.columns.iter().filter_map(|name| place(&table, name)).collect();
        if chosen.is_empty() {
            // What it says beside its rows counts whether these are shown or not.
            notes.extend(table.notes);
        } else {
            shown.push(only(table, &chosen));
        }
    }
    if let Some(last) = shown.last_mut() {
        last.notes.extend(notes);
    }
    Ok(shown)
}

/// `table` with these of its columns only, in this order.
pub(crate) fn only(table: Table, chosen: &[usize]) -> Table {
    let columns = chosen.iter().filter_map(|index| table.columns.get(*index).cloned()).collect();
    let cells = |row: &Vec<String>| chosen.iter().map(|index| row.get(*index).cloned().unwrap_or_default()).collect();
    let rows = table.rows.iter().map(cells).collect();
    Table { columns, rows, ..table }
}

fn place(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| !column.header.is_empty() && column.header.eq_ignore_ascii_case(name.trim()))
}

fn known(tables: &[Table], name: &str, flag: &str) -> Result<(), Failure> {
    if tables.iter().any(|table| place(table, name).is_some()) {
        return Ok(());
    }
    let headers = tables.iter().flat_map(|table| &table.columns).map(|column| column.header).filter(|header| !header.is_empty());
    let mut names: Vec<&str> = headers.collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    let meant = nearest(name.trim(), names.iter().copied());
    let meant = meant.map_or_else(String::new, |meant| format!("did you mean {meant}? "));
    let message = format!("{flag} {}: no column has that name; {meant}there are {}", name.escape_debug(), names.join(", "));
    Err(Failure::usage(message, "the same with -o wide and without it"))
}

/// What is unknown stands last either way.
fn sort_by(table: &mut Table, sort: &Sort) {
    let Some(index) = place(table, &sort.column) else { return };
    let text = |row: &Vec<String>| row.get(index).cloned().unwrap_or_default();
    let read = |row: &Vec<String>| Cell::read(&text(row));
    let mut kinds = table.rows.iter().map(read).filter(|cell| *cell != Cell::Unknown);
    let first = kinds.next();
    let is_of_one_kind = first.is_some_and(|first| kinds.all(|cell| cell.is_like(&first)));
    let key = |row: &Vec<String>| match read(row) {
        Cell::Unknown => Cell::Unknown,
        cell if is_of_one_kind => cell,
        _ => Cell::Text(text(row).to_lowercase()),
    };
    let mut rows: Vec<(Cell, Vec<String>)> = std::mem::take(&mut table.rows).into_iter().map(|row| (key(&row), row)).collect();
    rows.sort_by(|(one, _), (other, _)| match (one == &Cell::Unknown, other == &Cell::Unknown) {
        (false, false) if sort.is_descending => Cell::order(other, one),
        (false, false) => Cell::order(one, other),
        (is_unknown, is_other_unknown) => is_unknown.cmp(&is_other_unknown),
    });
    table.rows = rows.into_iter().map(|(_, row)| row).collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::format;

    fn tables() -> Vec<Table> {
        let mut groups = Table::new(&["GROUP", ">LAG", ">OLDEST"]);
        for row in [["order", "9", "4m12s"], ["accounting", "10", "59s"], ["analytics", "-", "-"]] {
            groups.push(row.map(str::to_owned));
        }
        groups.notes.push("of groups".to_owned());
        let mut mail = Table::new(&["MAIL", ">WAITING"]);
        mail.push(["email".to_owned(), "3".to_owned()]);
        mail.notes.push("of mail".to_owned());
        vec![groups, mail]
    }

    fn layout(columns: &[&str], sort: Option<&str>) -> Layout {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Layout { columns, sort: sort.map(|text| format::sort(text).unwrap()), no_headers: false }
    }

    fn first(layout: &Layout) -> Vec<String> {
        arrange(tables(), layout).unwrap()[0].rows.iter().map(|row| row.join(" ")).collect()
    }

    #[test]
    fn columns_are_chosen_in_any_order_and_case_and_keep_their_alignment() {
        let shown = arrange(tables(), &layout(&["lag", "Group"], None)).unwrap();
        assert_eq!(shown[0].rows[1], ["10", "accounting"]);
        assert_eq!(shown[0].columns.iter().map(|column| column.header).collect::<Vec<_>>(), ["LAG", "GROUP"]);
        assert_eq!(shown[0].columns[0].align, payctl::ops::Align::Right);
    }

    #[test]
    fn a_table_without_any_of_the_columns_leaves_its_notes() {
        let shown = arrange(tables(), &layout(&["GROUP"], None)).unwrap();
        assert_eq!((shown.len(), &shown[0].notes[..]), (1, &["of groups".to_owned(), "of mail".to_owned()][..]));
    }

    #[test]
    fn rows_are_sorted_by_value_and_what_is_unknown_is_last_either_way() {
        assert_eq!(first(&layout(&["GROUP"], Some("lag"))), ["order", "accounting", "analytics"]);
        assert_eq!(first(&layout(&["GROUP"], Some("-LAG"))), ["accounting", "order", "analytics"]);
        assert_eq!(first(&layout(&["GROUP"], Some("OLDEST"))), ["accounting", "order", "analytics"]);
        assert_eq!(first(&layout(&["GROUP"], Some("group"))), ["accounting", "analytics", "order"]);
    }

    #[test]
    fn an_unknown_column_is_a_usage_error_with_a_suggestion_and_the_list() {
        for (layout, said) in [
            (layout(&["GRUOP"], None), "--columns GRUOP: no column has that name; did you mean GROUP? there are GROUP, LAG, OLDEST, MAIL"),
            (layout(&[], Some("zz")), "--sort zz: no column has that name; there are GROUP, LAG, OLDEST, MAIL, WAITING"),
        ] {
            let Err(Failure::Shown(shown)) = arrange(tables(), &layout) else { panic!("it was accepted") };
            assert_eq!(shown.exit, Exit::Usage);
            assert!(shown.messages[0].starts_with(said), "{}", shown.messages[0]);
        }
    }
}

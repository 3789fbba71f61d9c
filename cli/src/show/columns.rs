//! Answers in columns.

use comfy_table::{Table, presets};

/// Puts rows under headings, as wide as they need to be and without lines.
pub(crate) fn columns<const N: usize>(
    headings: [String; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.map(|heading| heading.to_uppercase()));
    rows.into_iter().for_each(|row| {
        table.add_row(row);
    });
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Puts values beside their names.
pub(crate) fn pairs(rows: impl IntoIterator<Item = (String, String)>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, value) in rows {
        table.add_row([name, value]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_headings() {
        let rows = [["a".to_owned(), "Beds".to_owned()], ["bcd".to_owned(), "Ñandú".to_owned()]];
        let shown = columns(["id".to_owned(), "title".to_owned()], rows);
        assert_eq!(shown, "ID   TITLE\na    Beds\nbcd  Ñandú");
    }
}

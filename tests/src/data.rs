//! The public data that some tests compare with: it stands beside the project and is no part of it.
//!
//! **Invariant:** a test whose data is absent says so and ends; it never fails for want of it, and
//! never passes for want of it without a word.

use std::path::PathBuf;

use crate::source;

/// Returns a file of the data that stands beside the project, or says that it is absent.
#[expect(clippy::print_stderr, reason = "whoever runs the tests learns what was not compared")]
pub fn beside(path: &str) -> Option<String> {
    let file: PathBuf = source::root().join("../shared/data").join(path);
    let text = std::fs::read(&file).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if text.is_none() {
        eprintln!("not compared: ../shared/data/{path} is absent");
    }
    text
}

/// Returns the rows of a file of comma-separated values (RFC 4180) below its header, each as long
/// as the columns asked for.
///
/// # Panics
///
/// When a column is missing.
pub fn columns<const N: usize>(text: &str, names: [&str; N]) -> Vec<[String; N]> {
    let mut rows = rows(text).into_iter();
    let header = rows.next().unwrap_or_default();
    let find = |name: &str| header.iter().position(|have| have == name).expect("a column");
    let places = names.map(find);
    rows.map(|row| places.map(|place| row.get(place).cloned().unwrap_or_default())).collect()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(letter) = letters.next() {
        let field = row.last_mut().expect("a row has a field from its beginning");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(std::mem::replace(&mut row, vec![String::new()])),
            other => field.push(other),
        }
    }
    if row != [""] {
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn quotes_hold_commas_lines_and_quotes() {
        let text = "a,b,c\r\n1,\"x, \"\"y\"\"\nz\",3\n4,5\n";
        assert_eq!(columns(text, ["c", "b"]), [["3", "x, \"y\"\nz"], ["", "5"]]);
    }
}

//! Tables as people's spreadsheets write them: with commas, semicolons or tabs, in UTF-8, UTF-16 or
//! Latin-1.
//!
//! **Invariant:** a table is understood, or refused with the line and why; no letter of it is guessed.

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use weft_protocol::body::text::fold;

/// A table: its headings, its rows, and the line of the file where each row begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<(usize, StringRecord)>,
    /// In which encoding it is, where that is not the usual one.
    pub encoding: Option<&'static str>,
}

/// What may stand between two cells.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

impl Table {
    /// Reads a table, one of whose columns has one of these names.
    ///
    /// # Errors
    /// With the line and the reason.
    pub fn read(bytes: &[u8], wanted: &[&str]) -> Result<Self, String> {
        let (text, encoding) = decoded(bytes)?;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (said, body) = separator_line(&text);
        let skipped = usize::from(said.is_some());
        let among = said.map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
        let has_it = |separator: &char| {
            headings(body, *separator).is_some_and(|all| position(&all, wanted).is_some())
        };
        let Some(separator) = among.into_iter().find(has_it) else {
            return Err(no_column(body, wanted));
        };
        closed(body, separator).map_err(|line| unclosed(line + skipped))?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .delimiter(u8::try_from(separator).unwrap_or(b','))
            .from_reader(body.as_bytes());
        let headings = reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned);
        let headings = headings.collect();
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|e| e.to_string())?;
            let line = row.position().map_or(0, csv::Position::line);
            rows.push((usize::try_from(line).unwrap_or_default() + skipped, row));
        }
        Ok(Self { headings, rows, encoding })
    }

    /// Returns where a column is that has one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        position(&self.headings, names)
    }

    /// Returns the rows, each with the line where it begins.
    pub fn rows(&self) -> &[(usize, StringRecord)] {
        &self.rows
    }
}

fn position(headings: &[String], names: &[&str]) -> Option<usize> {
    let is = |heading: &String| names.contains(&&*fold(heading.trim()));
    headings.iter().position(is)
}

/// Returns the headings of a table, if it is one.
fn headings(text: &str, separator: char) -> Option<Vec<String>> {
    let delimiter = u8::try_from(separator).ok()?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    Some(reader.headers().ok()?.iter().map(str::to_owned).collect())
}

/// Parts a first line such as `sep=;`, with which spreadsheets say what stands between cells.
fn separator_line(text: &str) -> (Option<char>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let said = first.trim_matches('"').strip_prefix("sep=").map(|said| said.trim_matches('"'));
    match said.map(|said| said.chars().collect::<Vec<_>>()).as_deref() {
        Some([separator]) if SEPARATORS.contains(separator) => (Some(*separator), rest),
        _ => (None, text),
    }
}

/// Says that every quotation mark is closed; else the line where one is opened that is not.
fn closed(text: &str, separator: char) -> Result<(), usize> {
    let (mut line, mut opened, mut fresh) = (1, None, true);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match (opened, letter) {
            (Some(_), '"') if letters.peek() == Some(&'"') => {
                letters.next();
            }
            (Some(begun), '"') => {
                let after = letters.peek();
                if after.is_some_and(|c| *c != separator && *c != '\n') {
                    return Err(begun);
                }
                opened = None;
            }
            (None, '"') if fresh => opened = Some(line),
            _ => {}
        }
        fresh = letter == separator || letter == '\n';
    }
    opened.map_or(Ok(()), Err)
}

/// Returns why a cell that goes over several lines is not taken for one.
pub(crate) fn unclosed(line: usize) -> String {
    format!("in line {line} a quotation mark is opened and not closed where the cell ends")
}

fn no_column(text: &str, wanted: &[&str]) -> String {
    let name = wanted.first().copied().unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    let shown: String = first.chars().take(SHOWN).collect();
    format!("it has no column called {name}; its first line is: {shown}")
}

/// So much of a first line is shown: enough to see what it is.
const SHOWN: usize = 60;

/// Returns the text of a file, and the name of its encoding where it is not UTF-8.
fn decoded(bytes: &[u8]) -> Result<(String, Option<&'static str>), String> {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, mark),
        None => (by_zeros(bytes).unwrap_or(UTF_8), 0),
    };
    let bytes = &bytes[mark..];
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let name = |encoding: &'static Encoding| (encoding != UTF_8).then(|| encoding.name());
    if !broken {
        return Ok((text.into_owned(), name(encoding)));
    }
    if encoding != UTF_8 || mark > 0 {
        return Err(format!("it begins as {} and goes on as something else", encoding.name()));
    }
    let mut chunks = bytes.utf8_chunks();
    let is_part = chunks.any(|chunk| !chunk.valid().is_ascii());
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    match if is_part { Some(broken_line(bytes)) } else { doubtful(&text) } {
        Some(line) => Err(format!(
            "line {line} is neither in UTF-8 nor in Latin-1; save the table as 'CSV UTF-8'"
        )),
        None => Ok((text.into_owned(), name(WINDOWS_1252))),
    }
}

/// Returns the encoding of a text with two bytes a letter that does not say so: every other byte of
/// ordinary letters is zero.
fn by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, 1..=255, 0, 1..=255, ..] => Some(UTF_16BE),
        [1..=255, 0, 1..=255, 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

/// Returns the line with the first byte that is no UTF-8.
fn broken_line(bytes: &[u8]) -> usize {
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    1 + valid.matches('\n').count()
}

/// Returns the first line with what nobody writes: a sign, a control character or a capital where a
/// letter with an accent belongs. Then it is another encoding of which each byte is a letter.
fn doubtful(text: &str) -> Option<usize> {
    let mut before = ' ';
    let mut line = 1;
    for c in text.chars() {
        line += usize::from(c == '\n');
        let within = before.is_ascii_alphabetic();
        let sign = matches!(c, '¡'..='©' | '«'..='¯' | '±'..='´' | '¶'..='¹' | '»'..='¿' | '×' | '÷')
            || matches!(c, '‚' | 'ƒ' | '„' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '˜' | '›');
        let capital = !c.is_ascii() && c.is_uppercase() && before.is_lowercase();
        let control = c.is_control() && !c.is_ascii();
        if control || capital || (within && sign && !matches!(c, '®' | '©' | '»')) {
            return Some(line);
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bytes: &[u8]) -> Result<Vec<String>, String> {
        let table = Table::read(bytes, &["name", "nombre"])?;
        let at = table.column(&["name", "nombre"]).unwrap();
        Ok(table.rows().iter().map(|(_, row)| row[at].to_owned()).collect())
    }

    fn utf_16(text: &str, little: bool) -> Vec<u8> {
        let units = ["\u{feff}", text].concat();
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        units.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_separator_and_encoding_of_spreadsheets_is_understood() {
        let latin = b"nombre;lugar\r\nCaf\xe9 Uni\xf3n;C\xe1diz\r\n".to_vec();
        for table in [
            "name,place\nCafé Unión,Cádiz\n".as_bytes().to_vec(),
            "\u{feff}Nombre;Lugar\r\nCafé Unión;Cádiz\r\n".as_bytes().to_vec(),
            "place\tNAME\nCádiz\tCafé Unión".as_bytes().to_vec(),
            "sep=;\nname;place\n\"Café Unión\";Cádiz\n".as_bytes().to_vec(),
            "name|place\rCafé Unión|Cádiz\r".as_bytes().to_vec(),
            "name\nCafé Unión\n".as_bytes().to_vec(),
            utf_16("name\tplace\nCafé Unión\tCádiz\n", true),
            utf_16("name\tplace\nCafé Unión\tCádiz\n", false),
            utf_16("name\tplace\nCafé Unión\tCádiz\n", true)[2..].to_vec(),
            latin,
        ] {
            assert_eq!(names(&table).unwrap(), ["Café Unión"], "{table:?}");
        }
    }

    #[test]
    fn what_is_no_letter_is_refused_with_its_line() {
        for (table, line) in [
            (b"name\nCafe\nCaf\x82 Uni\xa2n\n".to_vec(), 3), // CP850
            (b"name\nCaf\x8e\n".to_vec(), 2),                // MacRoman
            (b"name\nCaf\xc3\xa9\nUni\xf3n\n".to_vec(), 3),  // both
        ] {
            let why = names(&table).unwrap_err();
            assert!(why.starts_with(&format!("line {line} ")), "{why}");
        }
        assert!(names(b"\xff\xfen\0a\0m\0e\0\n\0\xd8").is_err());
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_swallows_no_line() {
        for (table, line) in [
            ("name,place\n\"Bakers Union,Bristol\nHarbour,Leith\n", 2),
            ("sep=,\nname,place\nOne,x\n\"Bakers,Bristol\nHarbour,\"Leith\"\n", 4),
        ] {
            let why = names(table.as_bytes()).unwrap_err();
            assert!(why.contains(&format!("line {line} ")), "{why}");
        }
        let quoted = "name,place\n\"Beds, \"\"Ltd\"\"\",\"x\"\nThe \"Old\" Bakery,y\n";
        assert_eq!(names(quoted.as_bytes()).unwrap(), ["Beds, \"Ltd\"", "The \"Old\" Bakery"]);
    }

    #[test]
    fn a_table_without_the_column_is_refused_with_its_first_line() {
        let why = names(b"a;b\n1;2\n").unwrap_err();
        assert!(why.contains("called name") && why.contains("a;b"), "{why}");
    }
}

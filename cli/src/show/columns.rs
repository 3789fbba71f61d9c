//! Answers in columns.
//!
//! **Invariant:** on a terminal no line is wider than it, and a long cell makes its own row higher and
//! no other: cells are parted between words, and only a word that is wider than its column is cut, by
//! `…`. Ids are never cut. Where the columns do not fit side by side, each row is shown as a list.

use textwrap::core::display_width;

use crate::show::page::parts;

/// A column: what stands above it, and how much room its cells may take.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    heading: String,
    /// The most lines of a cell.
    lines: usize,
    /// Whether its words are for copying, and never cut.
    whole: bool,
}

impl Column {
    /// Makes a column under a word, which stands in capitals.
    pub(crate) fn of(word: &str) -> Self {
        Self::named(word.to_uppercase())
    }

    /// Makes a column under a name, which stands as it is written.
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self { heading: name.into(), lines: usize::MAX, whole: false }
    }

    /// Shows at most so many lines of a cell: what somebody else wrote is seen whole elsewhere.
    pub(crate) fn brief(self) -> Self {
        Self { lines: BRIEF_LINES, ..self }
    }

    /// Cuts no word of its cells, such as the names of nodes.
    pub(crate) fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

/// And the part of all the room that titles take before what stands beside them is made narrower.
const BRIEF_PART: (usize, usize) = (3, 10);

/// Between two columns.
const GAP: usize = 2;

/// Stands before a value that has no room beside its name.
const STEP: &str = "  ";

/// The lines that a stranger's title may take in everybody's list.
const BRIEF_LINES: usize = 3;

/// The most lines into which ordinary cells are parted, before columns are made as narrow as they go.
const LINES_MAX: usize = 6;

/// A word of up to so many letters is not cut for want of room: most words, and an id in brackets.
const WORD: usize = 12;

/// What is not on a terminal is padded to this at most: a longer cell moves only what stands beside
/// it in its own row.
const PADDED_MAX: usize = 60;

/// Which part of the rows decides how wide a column wants to be: a few that are longer than all
/// others take more lines instead.
const ORDINARY: (usize, usize) = (9, 10);

/// Puts rows under headings, within a width if there is one.
pub(crate) fn columns<const N: usize>(
    columns: [Column; N],
    rows: impl IntoIterator<Item = [String; N]>,
    width: Option<usize>,
) -> String {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let Some(width) = width else {
        let most = |n: usize| rows.iter().map(|row| widest(&row[n])).max().unwrap_or_default();
        let widths: [usize; N] = std::array::from_fn(|n| {
            display_width(&columns[n].heading).max(most(n).min(PADDED_MAX))
        });
        let headings = columns.map(|column| vec![column.heading]);
        let cells = rows.iter().map(|row| row.each_ref().map(|cell| lines(cell)));
        return [headings]
            .into_iter()
            .chain(cells)
            .map(|row| side_by_side(&row, &widths))
            .collect::<Vec<_>>()
            .join("\n");
    };
    let room = width.saturating_sub(GAP * N.saturating_sub(1));
    let Some(widths) = widths(&columns, &rows, room) else { return lists(&columns, &rows, width) };
    let headings = columns.each_ref().map(|column| column.heading.clone());
    let shown = [headings].into_iter().chain(rows).map(|row| {
        let cell = |n: usize| fitted(&row[n], widths[n], columns[n].lines);
        side_by_side(&std::array::from_fn::<_, N, _>(cell), &widths)
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Puts values beside their names, within a width if there is one.
pub(crate) fn pairs(
    rows: impl IntoIterator<Item = (String, String)>,
    width: Option<usize>,
) -> String {
    let rows: Vec<(String, String)> = rows.into_iter().collect();
    let names = rows.iter().map(|(name, _)| display_width(name)).max().unwrap_or_default();
    // Where names leave no room, values stand below them.
    let beside = width.is_none_or(|width| names + GAP + display_width_min(&rows) <= width);
    let shown = rows.iter().map(|(name, value)| {
        if !beside {
            let room = width.map_or(usize::MAX, |width| width - STEP.len());
            let values = value.lines().flat_map(|l| parts(l, room, ""));
            let values = values.map(|value| format!("{STEP}{value}"));
            return [name.clone()].into_iter().chain(values).collect::<Vec<_>>().join("\n");
        }
        let room = width.map_or(usize::MAX, |width| width - names - GAP);
        let values: Vec<String> = lines(value).iter().flat_map(|l| parts(l, room, "")).collect();
        side_by_side(&[vec![name.clone()], values], &[names, room])
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Returns how much room values need: that of their longest word that people copy, such as an id.
fn display_width_min(rows: &[(String, String)]) -> usize {
    let words = rows.iter().flat_map(|(_, value)| value.split_whitespace());
    words.map(display_width).max().unwrap_or_default().min(ID_AND_MARKS)
}

/// An id in full, or the name of a node, with a mark on each side.
const ID_AND_MARKS: usize = 54;

/// Returns the lines of a cell; at least one.
fn lines(cell: &str) -> Vec<String> {
    let lines: Vec<String> = cell.lines().map(str::to_owned).collect();
    if lines.is_empty() { vec![String::new()] } else { lines }
}

fn widest(cell: &str) -> usize {
    cell.lines().map(display_width).max().unwrap_or_default()
}

/// Chooses how wide the columns are within the room for all of them: so that ordinary rows take as
/// few lines as they can, and what is left goes to those that are nearest to having all they want.
/// None when not even words fit.
fn widths<const N: usize>(
    columns: &[Column; N],
    rows: &[[String; N]],
    room: usize,
) -> Option<[usize; N]> {
    let cells: [Vec<Cell>; N] = std::array::from_fn(|n| {
        let cells = rows.iter().map(|row| Cell::new(&row[n]));
        [Cell::new(&columns[n].heading)].into_iter().chain(cells).collect()
    });
    let fits = |widths: &[usize; N]| widths.iter().sum::<usize>() <= room;
    let least: [usize; N] = std::array::from_fn(|n| {
        let longest = if columns[n].whole { usize::MAX } else { WORD };
        most(&cells[n], |cell| cell.longest().min(longest))
    });
    if !fits(&least) {
        return None;
    }
    let wanted = |lines: usize| -> [usize; N] {
        std::array::from_fn(|n| {
            let most = if columns[n].lines == usize::MAX {
                room
            } else {
                room * BRIEF_PART.0 / BRIEF_PART.1
            };
            ordinary(&cells[n], |cell| cell.within(lines)).min(most).max(least[n])
        })
    };
    let mut widths = (1..=LINES_MAX).map(wanted).find(fits).unwrap_or(least);
    let whole: [usize; N] = cells.each_ref().map(|cells| most(cells, |cell| cell.whole));
    let mut left = room - widths.iter().sum::<usize>();
    let mut short: Vec<usize> = (0..N).collect();
    short.sort_by_key(|n| whole[*n].saturating_sub(widths[*n]));
    for n in short {
        let more = whole[n].saturating_sub(widths[n]).min(left);
        widths[n] += more;
        left -= more;
    }
    Some(widths)
}

fn most(cells: &[Cell], of: impl Fn(&Cell) -> usize) -> usize {
    cells.iter().map(of).max().unwrap_or_default()
}

/// Returns a width that is enough for the ordinary ones of these cells, the heading among them.
fn ordinary(cells: &[Cell], of: impl Fn(&Cell) -> usize) -> usize {
    let (heading, cells) = cells.split_first().map_or((0, cells), |(h, rest)| (of(h), rest));
    let mut widths: Vec<usize> = cells.iter().map(of).collect();
    widths.sort_unstable();
    let last = (widths.len() * ORDINARY.0).div_ceil(ORDINARY.1).saturating_sub(1);
    widths.get(last).copied().unwrap_or_default().max(heading)
}

/// A cell as far as its width goes: the widths of its words, line by line.
struct Cell {
    words: Vec<Vec<usize>>,
    whole: usize,
}

impl Cell {
    fn new(text: &str) -> Self {
        let words = |line: &str| {
            let words = parts(line, 1, "");
            words.iter().map(|word| display_width(word)).collect()
        };
        Self { words: text.lines().map(words).collect(), whole: widest(text) }
    }

    /// Returns the width of its longest word.
    fn longest(&self) -> usize {
        self.words.iter().flatten().copied().max().unwrap_or_default()
    }

    /// Returns the width at which its longest line takes no more than so many.
    fn within(&self, lines: usize) -> usize {
        let (mut low, mut high) = (1, self.whole.max(1));
        while low < high {
            let middle = usize::midpoint(low, high);
            let fits = self.words.iter().all(|words| taken(words, middle) <= lines);
            if fits { high = middle } else { low = middle + 1 }
        }
        low
    }
}

/// Returns how many lines words take in a column; one that would be cut counts as if it went on.
fn taken(words: &[usize], width: usize) -> usize {
    let (mut lines, mut at) = (1, 0);
    for word in words {
        if at > 0 && at + 1 + word > width {
            lines += 1;
            at = 0;
        }
        lines += word.saturating_sub(1) / width;
        at += (*word).min(width) + usize::from(at > 0);
    }
    lines
}

/// Parts a cell between words, and cuts what is too long or too high.
fn fitted(cell: &str, width: usize, most: usize) -> Vec<String> {
    let text = if most == usize::MAX { cell.to_owned() } else { one_line(cell) };
    let all = text.lines().flat_map(|line| parts(line, width, ""));
    let mut all: Vec<String> = all.map(|line| cut(&line, width)).collect();
    if all.len() > most {
        all.truncate(most);
        if let Some(last) = all.last_mut() {
            *last = cut(&format!("{last}…"), width);
        }
    }
    if all.is_empty() { vec![String::new()] } else { all }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cuts a line to a width, with a mark where it was cut.
fn cut(line: &str, width: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let mut kept = String::new();
    for c in line.chars() {
        let room = width.saturating_sub(1 + display_width(&kept));
        if display_width(c.encode_utf8(&mut [0; 4])) > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end().trim_end_matches('…'))
}

/// Writes the lines of cells beside each other.
fn side_by_side(cells: &[Vec<String>], widths: &[usize]) -> String {
    let high = cells.iter().map(Vec::len).max().unwrap_or_default();
    let line = |at: usize| {
        let mut line = String::new();
        let mut end = 0;
        for (cell, width) in cells.iter().zip(widths) {
            let words = cell.get(at).map_or("", String::as_str);
            let here = display_width(&line);
            if !words.is_empty() {
                line.push_str(&" ".repeat(end_or_gap(end, here)));
                line.push_str(words);
            }
            end += width.saturating_add(GAP).min(usize::MAX - end);
        }
        line
    };
    (0..high).map(line).collect::<Vec<_>>().join("\n")
}

/// Returns how many spaces lead from where a line is to where the next cell begins.
fn end_or_gap(begins: usize, here: usize) -> usize {
    if here == 0 { begins } else { begins.saturating_sub(here).max(GAP) }
}

/// Shows each row as a list of its cells beside their headings.
fn lists<const N: usize>(columns: &[Column; N], rows: &[[String; N]], width: usize) -> String {
    let shown = rows.iter().map(|row| {
        let cells = columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        pairs(cells.map(|(column, cell)| (column.heading.clone(), cell.clone())), Some(width))
    });
    shown.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table<const N: usize>(headings: [&str; N], rows: &[[&str; N]], width: usize) -> Vec<String> {
        let rows = rows.iter().map(|row| row.map(str::to_owned));
        let headings = headings.map(|heading| Column::of(heading).brief());
        columns(headings, rows, Some(width)).lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_stand_under_their_headings() {
        let rows = [["a".to_owned(), "Beds".to_owned()], ["bcd".to_owned(), "Ñandú".to_owned()]];
        let headings = [Column::of("id"), Column::named("Río (abc)")];
        let shown = columns(headings, rows, None);
        assert_eq!(shown, "ID   Río (abc)\na    Beds\nbcd  Ñandú");
    }

    #[test]
    fn ordinary_rows_take_few_lines_and_lose_no_word() {
        let long = "word ".repeat(30);
        let row = [
            "ntk4adj7ab",
            "Twenty beds for marchers",
            "Harbour Care Network (wicsvob3im)",
            "20 beds (nights)",
            "open",
            "in 13 days",
        ];
        let headings = ["id", "title", "by", "still needed", "state", "ends"];
        let mut strange = row;
        strange[1] = &long;
        let shown = table(headings, &[row, strange], 80);
        assert!(shown.iter().all(|line| display_width(line) <= 80), "{shown:#?}");
        assert!(shown.len() <= 2 + 2 + 3, "{shown:#?}");
        let all = shown.join(" ");
        for word in row.join(" ").split(' ') {
            assert!(all.contains(word), "{word}: {shown:#?}");
        }
    }

    #[test]
    fn a_long_cell_makes_its_own_row_higher_and_no_other() {
        let long = "word ".repeat(40);
        let mut rows = vec![["abcdefghij", "Beds for marchers", "open"]; 12];
        rows[3][1] = &long;
        let shown = table(["id", "title", "state"], &rows, 40);
        assert_eq!(shown.len(), 1 + 11 + BRIEF_LINES, "{shown:#?}");
        assert!(
            shown.iter().any(|line| line.contains('…'))
                && shown.iter().all(|l| display_width(l) <= 40)
        );
    }

    #[test]
    fn a_word_without_spaces_is_cut_by_a_mark() {
        let shown = table(["id", "title"], &[["abcdefghij", &"x".repeat(160)]], 40);
        assert_eq!(shown[1], format!("abcdefghij  {}…", "x".repeat(27)));
    }

    #[test]
    fn wide_characters_are_measured_as_terminals_show_them() {
        let shown = table(["a", "b"], &[["連帯", "x"], ["e\u{301}", "x"]], 40);
        assert_eq!(shown, ["A     B", "連帯  x", "e\u{301}     x"]);
    }

    #[test]
    fn what_does_not_fit_side_by_side_is_a_list() {
        let row = ["abcdefghij", "abcdefghijkl", "bbbbbbbbbbbb"];
        let shown = table(["id", "title", "by"], &[row, row], 24);
        assert_eq!(
            shown[..4],
            ["ID     abcdefghij", "TITLE  abcdefghijkl", "BY     bbbbbbbbbbbb", ""]
        );
    }

    #[test]
    fn values_go_on_beside_their_names() {
        let rows =
            [("id".to_owned(), "abc".to_owned()), ("state".to_owned(), "one two three".to_owned())];
        assert_eq!(pairs(rows, Some(14)), "id     abc\nstate  one two\n       three");
    }
}

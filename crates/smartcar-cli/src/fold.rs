//! Line breaks that cut no word.
//!
//! Invariant: the pieces of a text joined are the text, but for the spaces at
//! line ends. Only a piece longer than a line is cut.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A piece longer than this may be cut: otherwise one long body would take the
/// room of all other columns.
const LONGEST_PIECE: usize = 30;

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The narrowest column that cuts no piece of the text.
pub(crate) fn narrowest(text: &str) -> usize {
    let widths = pieces(text).map(|piece| width(piece.trim_end()));
    widths.max().unwrap_or(0).min(LONGEST_PIECE)
}

/// The lines of a text in a column.
pub(crate) fn fold(text: &str, column: usize) -> Vec<String> {
    let column = column.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && width(&line) + width(piece.trim_end()) > column {
            lines.push(std::mem::take(&mut line));
        }
        for letter in piece.chars() {
            let is_full = width(&line) + letter.width().unwrap_or(0) > column;
            if is_full && letter != ' ' && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The parts between which a line can break: after a space, a comma, a slash, an
/// underscore or a `::`, and after a dot before a letter.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut letters = rest.char_indices().peekable();
        let mut before = ' ';
        let mut end = rest.len();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map_or(' ', |(_, next)| *next);
            let is_end = match letter {
                // The slash at a path's start belongs to the word behind it.
                '/' => at > 0 && next != ' ',
                ' ' | ',' | '_' => next != ' ',
                ':' => before == ':' && next != ' ',
                '.' => next.is_alphabetic(),
                _ => false,
            };
            if is_end {
                end = at + letter.len_utf8();
                break;
            }
            before = letter;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_words_end() {
        assert_eq!(
            fold("tesla::ThermometerExterior", 22),
            ["tesla::", "ThermometerExterior"]
        );
        assert_eq!(fold("read_vehicle_info", 14), ["read_vehicle_", "info"]);
        assert_eq!(fold("paging.count", 8), ["paging.", "count"]);
        assert_eq!(fold("18250.6 km", 7), ["18250.6", "km"]);
        assert_eq!(fold("3 min ago", 5), ["3 min", "ago"]);
        assert_eq!(fold("", 5), [""]);
    }

    #[test]
    fn only_a_piece_longer_than_a_line_is_cut() {
        assert_eq!(fold("ab cdefgh", 4), ["ab", "cdef", "gh"]);
        assert_eq!(narrowest("ab cdefgh"), 6);
        assert_eq!(narrowest(&"x".repeat(100)), LONGEST_PIECE);
        // A wide letter takes two columns.
        assert_eq!(fold("漢字漢字", 5), ["漢字", "漢字"]);
    }
}

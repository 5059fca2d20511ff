//! Wraps text without breaking words.
//!
//! Invariant: the joined lines are the original text except for spaces at line
//! ends. Only a piece longer than a line is broken.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A longer piece may be broken. Otherwise one long body would leave no room for
/// the other columns.
const LONGEST_PIECE: usize = 30;

/// The display width of a text in columns.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The narrowest column width that breaks no piece of the text.
pub(crate) fn narrowest(text: &str) -> usize {
    let widths = pieces(text).map(|piece| width(piece.trim_end()));
    widths.max().unwrap_or(0).min(LONGEST_PIECE)
}

/// Wraps a text to a column width.
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

/// The pieces between which a line can break: after a space, comma, slash,
/// underscore or `::`, and after a dot that is followed by a letter.
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
                // A leading slash belongs to the following word.
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
        // A wide character takes two columns.
        assert_eq!(fold("漢字漢字", 5), ["漢字", "漢字"]);
    }
}

//! Tables, laid out for a terminal or a pipe.
//!
//! Invariant: if stdout is not a terminal, each row is one line without colours,
//! for `grep` and `cut`. In a terminal, lines fit its width and words are not
//! broken.

use anstyle::{AnsiColor, Style as Ansi};
use comfy_table::{
    Attribute, Cell as Drawn, Color, ContentArrangement, LineStyle, Table, TableStyle,
};

use crate::fold::{self, fold};
use crate::output;

/// Columns between two cells in a terminal.
const GAP: usize = 2;

/// The style of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    /// A path or a code. Never wrapped, so that it can be copied.
    Key,
    /// An age. Short, so never wrapped.
    Faint,
    Error,
}

/// A cell of a grid.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    look: Look,
}

impl Cell {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Look::Plain)
    }

    pub(crate) fn key(text: impl Into<String>) -> Self {
        Self::new(text, Look::Key)
    }

    pub(crate) fn new(text: impl Into<String>, look: Look) -> Self {
        let text = text.into();
        Self { text, look }
    }

    fn narrowest(&self) -> usize {
        match self.look {
            Look::Key | Look::Faint => fold::width(&self.text),
            _ => fold::narrowest(&self.text),
        }
    }

    fn drawn(&self, column: usize) -> Drawn {
        let text = match self.look {
            Look::Key | Look::Faint => self.text.clone(),
            _ => fold(&self.text, column).join("\n"),
        };
        match self.look {
            Look::Plain => Drawn::new(text),
            Look::Key => Drawn::new(text).fg(Color::Cyan),
            Look::Faint => Drawn::new(text).add_attribute(Attribute::Dim),
            Look::Error => Drawn::new(text).fg(Color::Red),
        }
    }
}

/// Rows with an optional header.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    header: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Grid {
    pub(crate) fn new(header: &[&'static str]) -> Self {
        let header = header.to_vec();
        Self {
            header,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Renders the table for stdout: a terminal or a pipe.
    pub(crate) fn render(&self) -> String {
        let terminal = output::width();
        match self.columns(terminal) {
            Some(columns) => self.table(&columns, terminal.is_some()),
            None => self.stacked(terminal.unwrap_or(usize::MAX)),
        }
    }

    /// The width of each column; `None` if the terminal is too narrow.
    fn columns(&self, terminal: Option<usize>) -> Option<Vec<usize>> {
        let count = self.rows.first().map_or(self.header.len(), Vec::len);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let header = |column: usize| self.header.get(column).map_or(0, |name| name.len());
        let mut widths: Vec<usize> = (0..count)
            .map(|column| {
                let widths = cells(column).map(|cell| fold::width(&cell.text));
                widths.max().unwrap_or(0).max(header(column))
            })
            .collect();
        let Some(terminal) = terminal else {
            return Some(widths);
        };
        let least: Vec<usize> = (0..count)
            .map(|column| {
                let widths = cells(column).map(Cell::narrowest);
                widths.max().unwrap_or(0).max(header(column))
            })
            .collect();
        let room = terminal.checked_sub(GAP * count.saturating_sub(1))?;
        // Shrink the column where that wraps the fewest cells.
        while widths.iter().sum::<usize>() > room {
            let narrowed = (0..count)
                .filter(|&column| widths[column] > least[column])
                .min_by_key(|&column| {
                    let is_broken = |cell: &&Cell| fold::width(&cell.text) >= widths[column];
                    let broken = cells(column).filter(is_broken).count();
                    (broken, usize::MAX - widths[column])
                })?;
            widths[narrowed] -= 1;
        }
        Some(widths)
    }

    fn table(&self, columns: &[usize], is_terminal: bool) -> String {
        let mut table = Table::new();
        table.load_style(TableStyle::new());
        table.set_content_arrangement(ContentArrangement::Disabled);
        if output::has_colours() {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !self.header.is_empty() {
            if is_terminal {
                table.style_mut().header_separator = LineStyle::none().fill('─').junction('─');
            }
            let bold = |name: &&str| Drawn::new(name).add_attribute(Attribute::Bold);
            table.set_header(self.header.iter().map(bold).collect::<Vec<_>>());
        }
        for row in &self.rows {
            let cells = row.iter().zip(columns);
            table.add_row(cells.map(|(cell, column)| cell.drawn(*column)));
        }
        // The line below a header needs one column between cells.
        let has_rule = is_terminal && !self.header.is_empty();
        let padding = if has_rule { 1 } else { 2 };
        let last = columns.len().saturating_sub(1);
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, if place == last { 0 } else { padding }));
        }
        let lines: Vec<_> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.join("\n")
    }

    /// The layout for terminals that are too narrow for columns. The first cell has
    /// its own line, once for all rows that share it, and the other cells are
    /// indented below it.
    fn stacked(&self, terminal: usize) -> String {
        const INDENT: &str = "  ";
        let has_colours = output::has_colours();
        let painted = |text: &str, style: Ansi| {
            if has_colours {
                format!("{style}{text}{style:#}")
            } else {
                text.to_owned()
            }
        };
        let mut lines = Vec::new();
        let mut above = String::new();
        let mut stack = |first: &str, rest: &[&str], style: [Ansi; 2]| {
            if first != above {
                lines.push(painted(first, style[0]));
                first.clone_into(&mut above);
            }
            let rest = rest.join("  ");
            let folded = fold(&rest, terminal.saturating_sub(INDENT.len()));
            let folded = folded.iter().filter(|line| !line.is_empty());
            lines.extend(folded.map(|line| format!("{INDENT}{}", painted(line, style[1]))));
        };
        if let Some((first, rest)) = self.header.split_first() {
            stack(first, rest, [Ansi::new().bold(); 2]);
        }
        for row in &self.rows {
            if let Some((first, rest)) = row.split_first() {
                let is_error = rest.iter().any(|cell| cell.look == Look::Error);
                let rest: Vec<&str> = rest.iter().map(|cell| cell.text.as_str()).collect();
                let red = AnsiColor::Red.on_default();
                let style = if is_error { red } else { Ansi::new() };
                stack(&first.text, &rest, [AnsiColor::Cyan.on_default(), style]);
            }
        }
        lines.join("\n")
    }
}

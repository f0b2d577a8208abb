//! Letters in rows of cells, as CEA-608 and CEA-708 lay captions out.

use super::{Place, Span, Spans, Style};

/// Rows of a screen.
pub(super) const ROWS: usize = 15;

/// Room for one letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) letter: Option<char>,
    pub(super) style: Style,
}

/// What rows say: a line for each that says something.
pub(super) fn spans<'a>(rows: impl IntoIterator<Item = &'a [Cell]>) -> Vec<Span> {
    let mut spans = Spans::default();
    let lines = rows.into_iter().filter(|row| is_said(row));
    for (number, row) in lines.enumerate() {
        if number > 0 {
            spans.push("\n", Style::default());
        }
        let begin = row.iter().position(is_inked).unwrap_or_default();
        let end = row.iter().rposition(is_inked).map_or(0, |last| last + 1);
        for cell in &row[begin..end] {
            spans.push(&cell.letter.unwrap_or(' ').to_string(), cell.style);
        }
    }
    spans.finish()
}

/// There is a letter in the row.
pub(super) fn is_said(row: &[Cell]) -> bool {
    row.iter().any(is_inked)
}

/// Where captions are that begin in a row of the screen. In the lower third they are anyway.
pub(super) fn place(top: usize) -> Option<Place> {
    let percent = u8::try_from(10 + top * 80 / ROWS).ok()?;
    (top < 9).then_some(Place {
        top: Some(percent),
        ..Place::default()
    })
}

fn is_inked(cell: &Cell) -> bool {
    cell.letter.is_some_and(|letter| letter != ' ')
}

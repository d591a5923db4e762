//! What went wrong, as the page shows it.

use crate::model::finding::Explain;
use crate::model::source::{Place, Source};
use crate::web::preview::view::{Line, Place as Shown, Trouble};
use crate::web::preview::{Refusal, Why};

/// So many lines before and after the place are shown.
const AROUND: usize = 2;

/// An error with the lines around its place.
pub fn trouble(error: &dyn Explain) -> Trouble {
    let place = error.place();
    Trouble {
        message: error.to_string(),
        help: error.help(),
        excerpt: place.as_ref().map(excerpt).unwrap_or_default(),
        place: place.as_ref().map(shown),
    }
}

/// The same for a file that cannot even be read: its place is its beginning.
pub fn trouble_in(file: &str, error: &dyn Explain) -> Trouble {
    let start = Shown { file: file.to_owned(), line: 1, column: 1, end_column: 1 };
    let found = trouble(error);
    Trouble { place: found.place.clone().or(Some(start)), ..found }
}

/// An error as the answer to a request.
pub fn refusal(error: &dyn Explain) -> Refusal {
    Refusal { why: Why::CannotBe, error: error.to_string(), help: error.help() }
}

/// Where a place begins, and where it ends within that line.
fn shown(place: &Place) -> Shown {
    let start = place.position();
    let text = place.source.text();
    let rest = text.get(place.span.start..).unwrap_or_default();
    let line_end = rest.find('\n').map_or(text.len(), |at| place.span.start + at);
    let end = place.source.position(place.span.end.min(line_end).max(place.span.start));
    Shown {
        file: place.source.path().display().to_string(),
        line: start.line,
        column: start.column,
        end_column: end.column,
    }
}

fn excerpt(place: &Place) -> Vec<Line> {
    let at = place.position().line;
    lines(&place.source).filter(|line| line.line.abs_diff(at) <= AROUND).collect()
}

fn lines(source: &Source) -> impl Iterator<Item = Line> + '_ {
    let first = source.first_line();
    source
        .text()
        .lines()
        .enumerate()
        .map(move |(index, text)| Line { line: first + index, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Plain;

    #[derive(Debug, thiserror::Error)]
    #[error("it is broken")]
    struct Broken(Place);

    impl Explain for Broken {
        fn place(&self) -> Option<Place> {
            Some(self.0.clone())
        }
    }

    #[test]
    fn trouble_shows_the_lines_around_its_place() {
        let source = Source::new("a.md", "1\n2\n3é x\n4\n5\n6\n");
        let found = trouble(&Broken(source.at(7..10)));
        let place = Shown { file: "a.md".to_owned(), line: 3, column: 3, end_column: 5 };
        assert_eq!(found.place, Some(place), "{found:?}");
        let lines: Vec<usize> = found.excerpt.iter().map(|line| line.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_in_trouble_at_its_beginning() {
        let found = trouble_in("b.md", &Plain::new("no", "mend it"));
        assert_eq!(found.place.map(|place| (place.file, place.line)), Some(("b.md".to_owned(), 1)));
    }
}

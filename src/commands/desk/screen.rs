//! A few lines of the terminal that are written anew, and nothing of it where there is no terminal.

use std::io::IsTerminal;

use terminal_size::{Height, Width, terminal_size_of};

use super::Desk;
use crate::commands::Failure;
use crate::report::issue::text::cut;

/// How wide the terminal is that standard output goes to, if it says so.
pub fn columns() -> Option<usize> {
    size().map(|(columns, _)| columns).filter(|columns| *columns > 0)
}

/// Columns and lines of the terminal that standard output is.
fn size() -> Option<(usize, usize)> {
    let (Width(columns), Height(lines)) = terminal_size_of(std::io::stdout())?;
    Some((usize::from(columns), usize::from(lines)))
}

/// The last lines of standard output.
pub struct Screen {
    is_terminal: bool,
    /// How many of them are on it.
    lines: usize,
    said: String,
}

impl Screen {
    pub fn standard_output() -> Screen {
        Screen { is_terminal: std::io::stdout().is_terminal(), lines: 0, said: String::new() }
    }

    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes these lines where the last ones were. What does not fit is left out, since a terminal cannot take back
    /// what it has scrolled away.
    pub fn draw(&mut self, desk: &Desk, lines: &[String]) -> Result<(), Failure> {
        let (width, height) = size().filter(|(width, _)| *width > 0).unwrap_or((80, 24));
        let fitting = lines.iter().take(height.saturating_sub(1).max(1)).map(|line| cut(line, width));
        let fitting: Vec<String> = fitting.collect();
        let text = fitting.iter().map(|line| format!("{line}\n")).collect::<String>();
        desk.print_raw(format!("{}{text}", self.back()).as_bytes())?;
        self.lines = fitting.len();
        Ok(())
    }

    /// Takes away what was drawn.
    pub fn clear(&mut self, desk: &Desk) -> Result<(), Failure> {
        desk.print_raw(self.back().as_bytes())?;
        self.lines = 0;
        Ok(())
    }

    /// Goes up to where the first line began and clears all below.
    fn back(&self) -> String {
        if self.lines == 0 { String::new() } else { format!("\x1b[{}A\r\x1b[J", self.lines) }
    }

    /// Writes a line below the others, unless the last one said the same.
    pub fn say(&mut self, desk: &Desk, line: String) -> Result<(), Failure> {
        if line != self.said {
            desk.print(&line)?;
            self.said = line;
        }
        Ok(())
    }
}

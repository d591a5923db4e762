//! A report as CSV: one line for each cell of its tables, so that one file holds them all.

use super::sheet::{Cell, Sheet};
use super::{Report, sheets};

/// `table,row,column,value`; rows are counted from 1, shares are from 0 to 1, spans are seconds, times are UTC.
pub fn csv(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |record: [&str; 4]| writer.write_record(record).expect("memory takes all");
    write(["table", "row", "column", "value"]);
    for sheet in about(report).into_iter().chain(sheets::all(report)) {
        for (number, row) in (1..).zip(&sheet.rows) {
            for (column, cell) in sheet.columns.iter().zip(row) {
                write([sheet.id, &u64::to_string(&number), column.key, &value(cell)]);
            }
        }
    }
    let bytes = writer.into_inner().expect("memory takes all");
    String::from_utf8(bytes).expect("what was written is text")
}

/// What the report is of.
fn about(report: &Report) -> Option<Sheet> {
    let columns = [
        ("issue", "Issue"),
        ("subject", "Subject"),
        ("realm", "Realm"),
        ("transport", "Transport"),
        ("state", "State"),
        ("frozen_at", "Frozen"),
    ];
    let row = &report.row;
    let texts = [&row.issue.0, &row.subject, row.realm.name(), &row.transport, report.state].map(Cell::text);
    let frozen_at = Cell::Time(row.frozen_at, String::new());
    let rows = [texts.into_iter().chain([frozen_at]).collect()];
    Some(Sheet::new("report", "Report", &columns).rows(rows))
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => harmless(text),
        Cell::Count(_) | Cell::Share(_) | Cell::Span(_) | Cell::Time(..) => cell.raw(),
    }
}

/// A text that a spreadsheet would take for a formula gets a `'` in front, as OWASP advises ("CSV Injection").
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        let texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "5 = five", ""].map(harmless);
        assert_eq!(texts, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'＝1", "5 = five", ""]);
    }
}

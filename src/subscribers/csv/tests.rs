use std::io::{self, Cursor};

use proptest::prelude::*;

use super::*;
use crate::model::finding::Explain;

fn rows(text: impl AsRef<[u8]>) -> Result<Rows<Cursor<Vec<u8>>>, CsvError> {
    Rows::new(Path::new("subscribers/weekly.csv"), Cursor::new(text.as_ref().to_vec()))
}

/// One line for each row: `line address name {attributes}`, or the finding with its place and what it points at.
fn told(text: impl AsRef<[u8]>) -> Vec<String> {
    rows(text).unwrap_or_else(|error| panic!("{error}")).map(tell).collect()
}

fn tell(row: Result<Row, Finding>) -> String {
    match row {
        Ok(Row { line, subscriber: Subscriber { address, name, fields } }) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!(" {name}={value:?}")).collect();
            format!("{line} {address} {}{}", name.unwrap_or_default(), fields.concat())
        }
        Err(finding) => {
            let place = finding.place.unwrap();
            let shown = &place.source.text()[place.span.clone()];
            format!("{place} {}: {shown:?}", finding.message)
        }
    }
}

fn refused(text: impl AsRef<[u8]>) -> (String, String) {
    let error = rows(text).err().expect("the file was taken");
    let place = error.place().map(|place| format!("{place}: ")).unwrap_or_default();
    (format!("{place}{error}"), error.help().unwrap())
}

#[test]
fn a_list_as_a_spreadsheet_writes_it_is_read() {
    let text = "\u{FEFF}E-Mail;Name;First Name;note\r\nAna@example.org; Ana ;A;\"two\r\nlines; and \"\"quotes\"\"\"\r\n\r\nbob@example.org;;;\r\n;;;\r\n";
    assert_eq!(
        told(text),
        [
            "2 Ana@example.org Ana first_name=\"A\" note=\"two\\r\\nlines; and \\\"quotes\\\"\"",
            "5 bob@example.org  first_name=\"\" note=\"\"",
        ]
    );
    assert_eq!(rows(text).unwrap().fields(), ["first_name", "note"]);
}

#[test]
fn the_separator_is_the_one_that_makes_sense_of_the_header() {
    for text in [
        "email,name\nana@example.org,Ana",
        "email;name\nana@example.org;Ana",
        "name\temail\nAna\tana@example.org",
        "sep=;\r\nemail;name\r\nana@example.org;Ana",
        "\n\nemail,name\nana@example.org,Ana\n",
        "email,name\rana@example.org,Ana\r",
    ] {
        let told = told(text);
        assert!(told.len() == 1 && told[0].ends_with("ana@example.org Ana"), "{text:?}: {told:?}");
    }
    assert_eq!(told("email\nana@example.org"), ["2 ana@example.org "]);
    assert_eq!(told("\"a,b\";email\nx;ana@example.org"), ["2 ana@example.org  a_b=\"x\""]);
}

#[test]
fn a_bad_row_is_left_out_and_the_rest_is_read() {
    let text = "email,name,city\n\
        ana@example.org,Ana\n\
        bob example.org,Bob,Minsk\n\
        ,Carol,Minsk\n\
        dave@example.org,Dave,Minsk,Belarus\n\
        \"eve@exam ple.org\",Eve,Minsk\n\
        fred@example.org,\"Fred\nBcc: x\",Minsk\n\
        gina@example.org,Gi\u{7}na,Minsk\n\
        hal@example.org,Hal,Mi\u{1B}nsk\n\
        ida@example.org,Ida,Minsk\n";
    assert_eq!(
        told(text),
        [
            "subscribers/weekly.csv:2:1 this row has 2 cells; the header has 3: \"ana@example.org,Ana\"",
            "subscribers/weekly.csv:3:1 there is no `@`: \"bob example.org\"",
            "subscribers/weekly.csv:4:1 the `email` cell is empty: \"\"",
            "subscribers/weekly.csv:5:29 this row has 4 cells; the header has 3: \"Belarus\"",
            "subscribers/weekly.csv:6:10 a space (U+0020) cannot stand in the domain: \" \"",
            "subscribers/weekly.csv:7:18 the name has a line break, which could forge a header of the letter: \"\\\"Fred\\nBcc: x\\\"\"",
            "subscribers/weekly.csv:9:18 `name` holds a control character (U+0007): \"Gi\\u{7}na\"",
            "subscribers/weekly.csv:10:21 `city` holds a control character (U+001B): \"Mi\\u{1b}nsk\"",
            "11 ida@example.org Ida city=\"Minsk\"",
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8_cost_one_row() {
    let told = told(b"email,name\nana@example.org,Andr\xE9 X\nbob@example.org,Bob\n");
    assert_eq!(
        told,
        ["subscribers/weekly.csv:2:21 this row is not UTF-8: \"\u{FFFD}\"", "3 bob@example.org Bob"]
    );
}

#[test]
fn a_stray_quotation_mark_costs_one_row_and_not_the_rest_of_the_file() {
    let told = told(
        "email,name\nana@example.org,\"Ana\nbob@example.org,Bob\ncarol@example.org,\"Carol\"\ndave@example.org,Dave\n",
    );
    assert_eq!(
        told,
        [
            "subscribers/weekly.csv:2:17 a quotation mark is opened in this row and not closed where it should be: \"\\\"\"",
            "3 bob@example.org Bob",
            "4 carol@example.org Carol",
            "5 dave@example.org Dave",
        ]
    );
}

#[test]
fn a_stray_quotation_mark_before_a_million_rows_does_not_take_memory_for_them() {
    let mut text = "email,name\nana@example.org,\"Ana\n".to_owned();
    for number in 0..60_000 {
        text.push_str(&format!("reader{number}@example.org,Reader\n"));
    }
    let mut list = rows(&text).unwrap();
    assert!(list.next().unwrap().is_err());
    assert_eq!(list.by_ref().filter(Result::is_ok).count(), 60_000);
    assert!(list.finish().is_ok());
}

#[test]
fn a_quotation_mark_in_the_middle_of_a_cell_is_text() {
    assert_eq!(told("email,size\nana@example.org,5\" disk\n"), ["2 ana@example.org  size=\"5\\\" disk\""]);
}

#[test]
fn a_file_that_cannot_be_a_list_says_what_to_do() {
    let cases: [(&[u8], &str, &str); 9] = [
        (b"", "`subscribers/weekly.csv` is empty", "its first row names the columns: `email,name`"),
        (
            b"mail,name\nana@example.org,Ana\n",
            "subscribers/weekly.csv:1:1: no column is called `email`; the columns are `mail`, `name`",
            "call the column `mail` `email`",
        ),
        (
            b"ana@example.org,Ana\nbob@example.org,Bob\n",
            "subscribers/weekly.csv:1:1: the columns are not named: the first row holds an address",
            "put a first row above it that names the columns: `email,name`",
        ),
        (
            b"email,City,city\n",
            "subscribers/weekly.csv:1:12: two columns are called `city`",
            "rename or delete one of them",
        ),
        (
            b"email,E-Mail\n",
            "subscribers/weekly.csv:1:7: two columns are called `email`",
            "`E-Mail` is read as `email`: rename or delete one of them",
        ),
        (
            b"email,Issue\n",
            "subscribers/weekly.csv:1:7: no column can be called `Issue`: the word means something else in an issue",
            "rename the column, for example to `their_issue`",
        ),
        (
            b"email,\n",
            "subscribers/weekly.csv:1:7: column 2 has no name",
            "give it a name, or delete the column",
        ),
        (
            "email,Город\n".as_bytes(),
            "subscribers/weekly.csv:1:7: `Город` cannot be the name of a field",
            "begin it with a letter from a to z, and use only these, digits and `_`: `first_name`",
        ),
        (
            b"\xFF\xFEe\0m\0",
            "`subscribers/weekly.csv` is not UTF-8",
            "save it as UTF-8: spreadsheets call this \"CSV UTF-8\"",
        ),
    ];
    for (text, message, help) in cases {
        assert_eq!(refused(text), (message.to_owned(), help.to_owned()));
    }
}

/// Gives some bytes, then fails as a disk does.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("input/output error")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_is_not_taken_for_a_short_one() {
    let text = b"email\nana@example.org\nbob@example.org\nca".to_vec();
    let mut rows = Rows::new(Path::new("weekly.csv"), Failing(Cursor::new(text))).unwrap();
    assert_eq!(rows.by_ref().filter(Result::is_ok).count(), 2);
    assert_eq!(rows.finish().unwrap_err().to_string(), "`weekly.csv` cannot be read: input/output error");
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "(email|name|a@b.org|[,;\"\r\n\té=x]){0,30}", rest in ".{0,30}") {
        if let Ok(rows) = rows(format!("email,name\n{text}{rest}")) {
            rows.for_each(|row| drop(tell(row)));
        }
        if let Ok(rows) = rows(text) {
            rows.for_each(|row| drop(tell(row)));
        }
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_again(names in prop::collection::vec("[a-z,;\" é]{0,8}", 1..8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["email", "name", "note"]).unwrap();
        for (number, name) in names.iter().enumerate() {
            writer.write_record([&format!("r{number}@example.org"), name, &format!("{name}\n{name}")]).unwrap();
        }
        let read: Vec<Subscriber> = rows(writer.into_inner().unwrap()).unwrap().map(|row| row.unwrap().subscriber).collect();
        prop_assert_eq!(read.len(), names.len());
        for (subscriber, name) in read.iter().zip(&names) {
            prop_assert_eq!(subscriber.name.as_deref().unwrap_or_default(), name.trim());
        }
    }
}

use super::*;
use crate::images::Drawn;
use crate::report::Format;
use crate::settings::Settings;
use crate::workspace::Workspace;

fn desk(folder: &Path) -> Desk {
    Desk {
        settings: Settings { root: Some(folder.to_path_buf()), ..Settings::default() },
        workspace: Workspace::new(folder),
        format: Format::Human,
        quiet: true,
        verbose: 0,
        colour: false,
        colour_of_errors: false,
        drawn: Drawn::default(),
    }
}

/// Writes a new issue and gives its name and text.
fn new(folder: &Path, title: Option<&str>, from: Option<&str>) -> Result<(String, String), Failure> {
    let from = from.map(|text| {
        let path = folder.join("pasted.txt");
        std::fs::write(&path, text).unwrap();
        path
    });
    let new = New { title: title.map(str::to_owned), from };
    let desk = desk(folder);
    let path = write(&desk, &new.draft(&desk, jiff::civil::date(2027, 5, 31))?)?;
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    Ok((name, std::fs::read_to_string(&path).unwrap()))
}

#[test]
fn the_next_issue_has_the_next_number_and_a_front_matter_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (name, text) = new(folder.path(), Some("Für \"Élise\": {{ x }}"), None).unwrap();
    assert_eq!(name, "001-fur-elise-x.md");
    let issue = parse_issue(Source::new(name, text)).unwrap();
    assert_eq!(issue.title(), "Für \"Élise\": {{ x }}");
    assert_eq!(issue.front.number.as_ref().unwrap().value, 1);
    assert_eq!(issue.front.date.as_ref().unwrap().value.to_string(), "2027-05-31");
    assert!(issue.markdown().contains("Hello {{ name"));
    assert_eq!(new(folder.path(), Some("Second"), None).unwrap().0, "002-second.md");
    std::fs::write(folder.path().join("issues/x.md"), "---\nnumber: 41\n---\n").unwrap();
    assert_eq!(new(folder.path(), Some("Third"), None).unwrap().0, "042-third.md");
}

#[test]
fn a_number_in_the_title_counts_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(new(folder.path(), Some("Notes #12: A"), None).unwrap().0, "012-notes-12-a.md");
    assert_eq!(new(folder.path(), Some("Notes #12: B"), None).unwrap().0, "013-notes-12-b.md");
}

#[test]
fn pasted_text_brings_its_title_and_every_paragraph() {
    let folder = tempfile::tempdir().unwrap();
    let (name, text) = new(folder.path(), None, Some("The title\n\nOne.\n\nTwo.\n")).unwrap();
    assert_eq!(name, "001-the-title.md");
    assert!(text.ends_with("---\n\nOne.\n\nTwo.\n") && text.contains("title: \"The title\""), "{text}");
    let error = new(folder.path(), None, Some("Just one sentence.\n")).unwrap_err();
    assert!(error.error.help().unwrap().contains("courant new TITLE --from"));
    assert!(new(folder.path(), Some("x"), Some(" \n")).is_err());
}

#[test]
fn a_text_with_its_own_front_matter_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let finished = "---\ntitle: Done\nnumber: 7\n---\n\nText\n";
    let (name, text) = new(folder.path(), None, Some(finished)).unwrap();
    assert_eq!((name.as_str(), text.as_str()), ("007-done.md", finished));
    assert!(new(folder.path(), None, Some(finished)).unwrap_err().error.to_string().contains("already"));
}

#[test]
fn a_workspace_may_have_a_beginning_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("templates")).unwrap();
    let own = "+++\ntitle = {{ new.title }}\nseries = \"S\"\n+++\nDear all,\n";
    std::fs::write(folder.path().join("templates/issue.md"), own).unwrap();
    let (_, text) = new(folder.path(), Some("A"), None).unwrap();
    assert_eq!(text, "+++\ntitle = \"A\"\nseries = \"S\"\n+++\nDear all,\n");
}

#[test]
fn a_title_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    assert!(new(folder.path(), Some("a\nb"), None).is_err() && new(folder.path(), Some(" "), None).is_err());
}

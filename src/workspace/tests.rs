use super::*;

fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let workspace = Workspace::new(folder.path());
    (folder, workspace)
}

fn found(workspace: &Workspace, name: &str) -> Result<String, String> {
    let path = workspace.find_issue(name).map_err(|error| format!("{error}; {}", error.help().unwrap()))?;
    Ok(path.file_name().unwrap().to_str().unwrap().to_owned())
}

#[test]
fn an_issue_is_found_by_path_id_and_number() {
    let (_folder, workspace) = workspace(&[
        ("issues/001-welcome.md", "# Hi"),
        ("issues/012-spring.md", "---\nslug: \"of-spring\"\nnumber: 40 # or so\n---\n"),
        ("issues/x.md", "+++\nslug = 'toml'\nnumber = 3\n+++\n"),
    ]);
    assert_eq!(found(&workspace, "issues/001-welcome.md").unwrap(), "001-welcome.md");
    assert_eq!(found(&workspace, "001-welcome.md").unwrap(), "001-welcome.md");
    assert_eq!(found(&workspace, "001-welcome").unwrap(), "001-welcome.md");
    assert_eq!(found(&workspace, "1").unwrap(), "001-welcome.md");
    assert_eq!(found(&workspace, "001").unwrap(), "001-welcome.md");
    assert_eq!(found(&workspace, "of-spring").unwrap(), "012-spring.md");
    assert_eq!(found(&workspace, "012-spring").unwrap(), "012-spring.md");
    assert_eq!(found(&workspace, "40").unwrap(), "012-spring.md");
    assert_eq!(found(&workspace, "#3").unwrap(), "x.md");
    assert_eq!(found(&workspace, "toml").unwrap(), "x.md");
    assert!(found(&workspace, "12").is_err(), "its front matter has another number");
}

#[test]
fn a_name_that_fits_several_is_an_error_that_names_them() {
    let (_folder, workspace) = workspace(&[("issues/1-a.md", ""), ("issues/001-b.md", "")]);
    let error = found(&workspace, "1").unwrap_err();
    assert!(error.contains("1-a.md") && error.contains("001-b.md"), "{error}");
}

#[test]
fn a_name_that_fits_none_suggests_the_nearest() {
    let (_folder, workspace) = workspace(&[("issues/001-welcome.md", ""), ("issues/002-spring.md", "")]);
    assert!(found(&workspace, "001-wellcome").unwrap_err().contains("did you mean `001-welcome`"));
    assert!(found(&workspace, "zzz").unwrap_err().contains("002-spring, 001-welcome"));
    let (_folder, empty) = self::workspace(&[]);
    assert!(found(&empty, "zzz").unwrap_err().contains("courant new"));
    assert!(found(&empty, "no/such.md").unwrap_err().contains("there is no file no/such.md"));
    assert!(found(&empty, "").is_err());
}

#[test]
fn a_text_loses_its_byte_order_mark_and_its_carriage_returns() {
    let (folder, workspace) = workspace(&[("a.md", "\u{feff}one\r\ntwo\rthree\n")]);
    let source = workspace.read_text(&folder.path().join("a.md")).unwrap();
    assert_eq!(source.text(), "one\ntwo\nthree\n");
}

#[test]
fn what_cannot_be_read_says_so_and_what_to_do() {
    let (folder, workspace) = workspace(&[("a.md", "x")]);
    std::fs::write(folder.path().join("latin.md"), b"fine\nna\xefve\n").unwrap();
    let read = |name: &str| {
        let error = workspace.read_text(&folder.path().join(name)).unwrap_err();
        (error.to_string(), error.help().unwrap())
    };
    assert!(read("latin.md").0.ends_with("latin.md is not UTF-8"));
    assert!(read("latin.md").1.contains("iconv"));
    let place = workspace.read_text(&folder.path().join("latin.md")).unwrap_err().place().unwrap();
    assert_eq!((place.position().line, place.position().column), (2, 3));
    assert_eq!(&place.source.text()[place.span], "\u{fffd}");
    assert!(read("none.md").0.starts_with("there is no file"));
    assert!(read("").0.ends_with("is a folder"));
    assert!(
        workspace
            .read_bytes(&folder.path().join("a.md"), 0)
            .unwrap_err()
            .to_string()
            .contains("larger than 0")
    );
}

#[test]
fn an_own_template_goes_before_the_embedded_one() {
    let (_folder, workspace) = workspace(&[("templates/plain.mjml", "<mjml/>")]);
    assert_eq!(workspace.template("plain").unwrap().main.text(), "<mjml/>");
    assert!(workspace.template("letter").unwrap().main.text().contains("<mjml"));
    let error = workspace.template("lettre").unwrap_err();
    assert_eq!(error.help().unwrap(), "did you mean `letter`?");
    assert!(workspace.template("../courant").is_err() && workspace.template("").is_err());
}

#[test]
fn every_csv_file_is_a_list_and_nothing_else_is() {
    let (_folder, workspace) = workspace(&[
        ("subscribers/weekly.csv", ""),
        ("subscribers/Daily.CSV", ""),
        ("subscribers/.hidden.csv", ""),
        ("subscribers/notes.txt", ""),
    ]);
    let names: Vec<String> = workspace.list_files().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Daily", "weekly"]);
}

#[test]
fn the_state_folder_is_made_once_and_for_its_owner_only() {
    let (_folder, workspace) = workspace(&[]);
    let folder = workspace.state_folder().unwrap();
    assert_eq!(workspace.state_folder().unwrap(), folder);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_date_in_a_name_is_no_number() {
    assert_eq!(naming::leading_number("012-spring"), Some(12));
    assert_eq!(naming::leading_number("2024-05-01-news"), None);
    assert_eq!(naming::leading_number("2024-review"), Some(2024));
    assert_eq!(naming::leading_number("welcome"), None);
    assert_eq!(naming::leading_number("é"), None);
}

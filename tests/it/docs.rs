//! What the pages say is true of the program: their commands, verbs, exit codes, paths and links.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use courant::commands::Cli;
use courant::compose::front_matter;
use courant::compose::template::{NAMES, PARTS};

/// A page of the repository, by its path from the root.
struct Page {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Every page: those at the root, and the guides.
fn pages() -> Vec<Page> {
    let names = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).expect("a folder of the repository can be read");
        let names = entries.map(|entry| entry.expect("it can be read").file_name().into_string());
        let pages = names.filter_map(Result::ok).filter(|name| name.ends_with(".md"));
        pages.map(|name| format!("{folder}{name}")).collect::<Vec<_>>()
    };
    names("").into_iter().chain(names("docs/")).map(|path| Page::at(&path)).collect()
}

impl Page {
    fn at(path: &str) -> Page {
        Page { path: path.to_owned(), text: read(path) }
    }

    /// What stands between backticks within a line.
    fn code_spans(&self) -> impl Iterator<Item = &str> {
        self.prose().flat_map(|line| line.split('`').skip(1).step_by(2))
    }

    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut fenced = false;
        self.text.lines().filter(move |line| {
            let fence = line.starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
    }

    /// The lines between the fences that open with one of `languages`.
    fn blocks(&self, languages: &[&str]) -> Vec<&str> {
        let (mut lines, mut inside) = (Vec::new(), false);
        for line in self.text.lines() {
            match line.strip_prefix("```") {
                Some(language) => inside = !inside && languages.contains(&language),
                None if inside => lines.push(line),
                None => {}
            }
        }
        lines
    }

    /// The targets of its links and pictures; what stands in code is no link.
    fn targets(&self) -> Vec<String> {
        let prose = self.prose().map(|line| line.split('`').step_by(2).collect::<String>());
        let each = prose.flat_map(|line| line.split("](").skip(1).map(str::to_owned).collect::<Vec<_>>());
        each.filter_map(|rest| Some(rest.split([')', ' ']).next()?.to_owned())).collect()
    }

    /// The first cells of the tables below the heading that begins with `heading`, without backticks.
    fn first_cells(&self, heading: &str) -> BTreeSet<&str> {
        let mut below = self.text.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
        below
            .by_ref()
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
            .map(|cell| cell.trim_matches('`'))
            .collect()
    }
}

/// The words of a command line as a shell would split them; what follows a `#` is a remark.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for char in line.chars() {
        match char {
            '"' => quoted = !quoted,
            '#' if !quoted && word.is_empty() => break,
            c if c.is_whitespace() && !quoted => words.extend(Some(std::mem::take(&mut word))),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The calls of `courant` in a line of a shell or of a crontab.
fn calls(line: &str) -> Vec<Vec<String>> {
    let all = words(line);
    let each = all.split(|word| matches!(word.as_str(), "&&" | "|" | ";" | ">"));
    each.filter_map(|call| {
        let place = call.iter().position(|word| word.rsplit('/').next() == Some("courant"))?;
        Some(call[place..].to_vec())
    })
    .collect()
}

/// Prose names a verb without its arguments, so that none of them is missed.
fn fails_to_parse(call: &[String]) -> Option<String> {
    let told = Cli::try_parse_from(call).err().filter(clap::Error::use_stderr)?;
    if told.kind() == ErrorKind::MissingRequiredArgument {
        return None;
    }
    Some(format!("`{}`: {}", call.join(" "), told.to_string().lines().next().unwrap_or_default()))
}

#[test]
fn every_command_that_a_page_shows_is_one_that_courant_takes() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in pages() {
        let typed = page.blocks(&["sh", "cron"]);
        let spans = page.code_spans().filter(|span| span.starts_with("courant ") && !span.contains("VERB"));
        for call in typed.into_iter().chain(spans).flat_map(calls) {
            seen += 1;
            wrong.extend(fails_to_parse(&call).map(|why| format!("{}: {why}", page.path)));
        }
    }
    assert!(seen > 12, "only {seen} commands were found");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_command_line_is_split_as_a_shell_splits_it() {
    assert_eq!(
        words(r#"courant new "What the tide left"   # a remark"#),
        ["courant", "new", "What the tide left"]
    );
    assert_eq!(calls("cd x && /usr/bin/courant run").concat(), ["/usr/bin/courant", "run"]);
    assert!(fails_to_parse(&words("courant sned 1")).is_some());
    assert!(fails_to_parse(&words("courant send --help")).is_none());
}

#[test]
fn every_verb_has_a_row_in_the_readme() {
    let readme = Page::at("README.md");
    let cells = readme.first_cells("## Verbs");
    let rows: BTreeSet<&str> = cells.iter().flat_map(|cell| cell.split(['`', ' ', ','])).collect();
    let verbs = Cli::command();
    let missing: Vec<&str> =
        verbs.get_subcommands().map(|verb| verb.get_name()).filter(|name| !rows.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_exit_code_is_in_the_readme_and_in_the_help() {
    let source = read("src/commands/mod.rs");
    let body = source.split("pub enum Exit {").nth(1).and_then(|rest| rest.split('}').next());
    let codes: BTreeSet<&str> = body
        .expect("the exit codes are an enum")
        .lines()
        .filter_map(|line| line.split_once(" = ")?.1.strip_suffix(','))
        .collect();
    let readme = Page::at("README.md");
    let mut told = readme.first_cells("## Exit codes");
    told.retain(|cell| cell.parse::<u8>().is_ok());
    assert_eq!(told, codes, "the table of the README");
    let help = Cli::command().render_long_help().to_string();
    let list = help.split("Exit codes:").nth(1).expect("the help lists them");
    let told: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(told, codes, "the help");
}

fn is_key(cell: &str) -> bool {
    !cell.is_empty() && cell.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[test]
fn every_key_of_the_front_matter_is_in_the_guide() {
    let page = Page::at("docs/writing.md");
    let told = page.first_cells("## Front matter");
    let told: BTreeSet<&str> = told.into_iter().filter(|cell| is_key(cell)).collect();
    assert_eq!(told, BTreeSet::from(front_matter::KEYS));
}

#[test]
fn the_guide_names_what_a_template_may_use_and_nothing_else() {
    let page = Page::at("docs/templates.md");
    let cells = page.first_cells("## Placeholders");
    let names =
        cells.iter().flat_map(|cell| cell.split("`, `")).filter(|name| *name != "Name" && *name != "---");
    assert_eq!(names.collect::<BTreeSet<_>>(), BTreeSet::from(NAMES));
    let is_part = |span: &&str| span.split_once('.').is_some_and(|(root, _)| NAMES.contains(&root));
    let parts = page.code_spans().filter(is_part);
    assert_eq!(parts.collect::<BTreeSet<_>>(), BTreeSet::from(PARTS));
}

#[test]
fn the_example_of_the_environment_names_what_the_program_reads_and_all_of_it() {
    let loader = read("src/settings/load.rs");
    let read_by_it: BTreeSet<&str> = loader
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let example = read(".env.example");
    let offered: BTreeSet<&str> = example
        .lines()
        .filter_map(|line| line.strip_prefix('#')?.split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    assert_eq!(offered, read_by_it);
}

#[test]
fn the_map_names_every_module_and_stays_short() {
    let page = Page::at("docs/ARCHITECTURE.md");
    assert!(page.text.lines().count() < 150, "the page is read in one sitting: under 150 lines");
    let cells = page.first_cells("## The map");
    let told: Vec<&str> =
        cells.iter().map(|cell| cell.trim_end_matches('/').trim_end_matches(".rs")).collect();
    let library = read("src/lib.rs");
    let modules = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing: Vec<&str> = modules.filter(|module| !told.contains(module)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    for cell in cells.iter().filter(|cell| cell.ends_with('/') || cell.ends_with(".rs")) {
        assert!(root().join("src").join(cell).exists(), "the map names src/{cell}, which is not there");
    }
}

/// A path of the repository, as pages name them.
fn is_path(span: &str) -> bool {
    let folders = ["src/", "tests/", "docs/", "templates/", "bench/", "issues/001", "subscribers/example"];
    folders.iter().any(|folder| span.starts_with(folder))
        && span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}

#[test]
fn every_path_that_is_for_developers_leads_to_a_file() {
    // What `tests/setup` makes is not there before it has run.
    let made = |span: &str| span.starts_with("tests/.tools");
    for page in
        pages().iter().filter(|page| matches!(page.path.as_str(), "CONTRIBUTING.md" | "docs/ARCHITECTURE.md"))
    {
        for span in page.code_spans().filter(|span| is_path(span) && !made(span)) {
            assert!(root().join(span).exists(), "{} names {span}, which is not there", page.path);
        }
    }
}

#[test]
fn every_link_between_pages_leads_to_a_file_and_a_heading() {
    for page in pages() {
        let folder = root().join(&page.path).parent().map(Path::to_path_buf).unwrap_or_default();
        for target in page.targets().into_iter().filter(|target| !target.contains("://")) {
            let (path, fragment) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let file = if path.is_empty() { root().join(&page.path) } else { folder.join(path) };
            assert!(file.exists(), "{} links to {target}, which is not there", page.path);
            assert!(
                fragment.is_empty() || has_heading(&file, fragment),
                "{}: no heading {target}",
                page.path
            );
        }
    }
}

/// Whether a page has the heading whose anchor on the usual code hosts is `fragment`.
fn has_heading(file: &Path, fragment: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>() == fragment
    })
}

//! A text that was written elsewhere → Markdown that loses none of its paragraphs.

/// A title is shorter than this.
const LONGEST_TITLE: usize = 120;
/// Where lines are longer, each is a paragraph of its own; shorter ones were wrapped by hand.
const WRAPPED: usize = 100;

/// A pasted text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Pasted {
    pub title: Option<String>,
    /// Ends with a line end.
    pub body: String,
}

impl Pasted {
    /// Takes a first line for the title if that is plain to see, or if it says what `title` says.
    pub fn new(text: &str, title: Option<&str>) -> Pasted {
        let text = text.trim_matches('\n');
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let found = match title {
            Some(title) => heading_text(first).eq_ignore_ascii_case(title.trim()).then(|| title.to_owned()),
            None => obvious_title(first, rest),
        };
        let body = if found.is_some() { rest } else { text };
        Pasted { title: found, body: paragraphs(body.trim_matches('\n')) + "\n" }
    }
}

/// The words of a line that may be an ATX heading.
fn heading_text(line: &str) -> &str {
    let line = line.trim();
    let words = line.trim_start_matches('#');
    if words.starts_with(' ') || words.is_empty() { words.trim_end_matches('#').trim() } else { line }
}

/// A heading of the first rank, or a short line that is no sentence and is followed by a text.
fn obvious_title(first: &str, rest: &str) -> Option<String> {
    let line = first.trim();
    if line.starts_with("# ") {
        return Some(heading_text(line).to_owned()).filter(|title| !title.is_empty());
    }
    let begins_well = line.starts_with(|c: char| c.is_alphanumeric() || "\"'“‘«¿¡(".contains(c));
    let is_sentence = line.ends_with(['.', ',', ';', ':', '…']);
    let is_item = line.split_once(['.', ')']).is_some_and(|(digits, _)| digits.parse::<u64>().is_ok());
    let is_greeting = line.ends_with('!') && line.split_whitespace().count() <= 3;
    let fits =
        line.chars().count() <= LONGEST_TITLE && begins_well && !is_sentence && !is_item && !is_greeting;
    (fits && !rest.trim().is_empty()).then(|| line.to_owned())
}

/// Puts an empty line between lines that are paragraphs. A text whose lines were wrapped by hand, and anything
/// that is a list, a table, a quote or code, stays as it is.
fn paragraphs(text: &str) -> String {
    if text.lines().all(|line| line.chars().count() <= WRAPPED) {
        return text.to_owned();
    }
    let (mut out, mut in_code, mut before) = (String::new(), false, "");
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if !out.is_empty() {
            let apart =
                !in_code && !line.trim().is_empty() && !before.trim().is_empty() && !belong(before, line);
            out.push_str(if apart { "\n\n" } else { "\n" });
        }
        out.push_str(line);
        in_code ^= fence;
        before = line;
    }
    out
}

/// Whether two neighbouring lines are parts of one block.
fn belong(above: &str, below: &str) -> bool {
    let kind = |line: &str| match line.trim_start().chars().next() {
        Some(mark @ ('-' | '*' | '+')) if line.trim_start()[1..].starts_with(' ') => Some(mark),
        Some(mark @ ('>' | '|')) => Some(mark),
        Some(digit) if digit.is_ascii_digit() => {
            let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
            (rest.starts_with(". ") || rest.starts_with(") ")).then_some('1')
        }
        _ => None,
    };
    let is_rule = |line: &str| !line.trim().is_empty() && line.trim().chars().all(|c| c == '=' || c == '-');
    let continued = below.starts_with("  ") || below.starts_with('\t');
    is_rule(below) || continued || (kind(above).is_some() && kind(above) == kind(below))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn long(word: &str) -> String {
        format!("{}.", [word; 30].join(" "))
    }

    #[test]
    fn lines_that_are_paragraphs_become_paragraphs() {
        let text = format!(
            "NOTES #12: A TITLE\n- Ada\n\n- Jul 10\n{}\n{}\nA heading\n{}\n",
            long("one"),
            long("two"),
            long("three")
        );
        let pasted = Pasted::new(&text, None);
        assert_eq!(pasted.title.as_deref(), Some("NOTES #12: A TITLE"));
        let expected = format!(
            "- Ada\n\n- Jul 10\n\n{}\n\n{}\n\nA heading\n\n{}\n",
            long("one"),
            long("two"),
            long("three")
        );
        assert_eq!(pasted.body, expected);
    }

    #[test]
    fn a_text_that_was_wrapped_by_hand_stays_as_it_is() {
        let text = "Title\n\nOne line\nand the next.\n\n- a\n- b\n";
        assert_eq!(Pasted::new(text, None).body, "One line\nand the next.\n\n- a\n- b\n");
    }

    #[test]
    fn lists_tables_quotes_and_code_are_not_torn_apart() {
        let text = format!(
            "{}\n- a\n- b\n1. c\n2. d\n| e |\n| f |\n> g\n> h\n```\ni\nj\n```\n{}",
            long("x"),
            long("y")
        );
        let body = Pasted::new(&text, Some("other")).body;
        for whole in ["- a\n- b\n", "1. c\n2. d\n", "| e |\n| f |\n", "> g\n> h\n", "```\ni\nj\n```\n"] {
            assert!(body.contains(whole), "{whole:?} in {body}");
        }
    }

    #[test]
    fn only_what_is_plainly_a_title_is_taken_for_one() {
        let title = |text: &str| Pasted::new(text, None).title;
        assert_eq!(title("# A heading #\n\ntext").as_deref(), Some("A heading"));
        assert_eq!(title("Short line\ntext").as_deref(), Some("Short line"));
        assert_eq!(title("Dear reader,\ntext"), None);
        assert_eq!(title("This is a sentence.\ntext"), None);
        assert_eq!(title("- an item\ntext"), None);
        assert_eq!(title("1. an item\ntext"), None);
        assert_eq!(title("Hello!\ntext"), None);
        assert_eq!(title("alone"), None);
        assert_eq!(title(&format!("{}\ntext", "x ".repeat(80))), None);
    }

    #[test]
    fn a_title_that_was_given_is_not_said_twice() {
        let pasted = Pasted::new("# spring\n\ntext", Some("Spring"));
        assert_eq!(pasted.body, "text\n");
        assert_eq!(Pasted::new("Summer\n\ntext", Some("Spring")).body, "Summer\n\ntext\n");
    }

    proptest! {
        #[test]
        fn no_word_is_lost(lines in prop::collection::vec("(- |> |# |```|1\\. )?(\\PC{0,20}|[a-z ]{90,120})", 1..9)) {
            let text = lines.join("\n");
            let pasted = Pasted::new(&text, None);
            let heading = pasted.title.clone().unwrap_or_default();
            let kept = format!("{heading}{}", pasted.body).replace(char::is_whitespace, "");
            let all = text.replace(char::is_whitespace, "");
            prop_assert!(kept == all || kept == all.trim_start_matches('#') || pasted.title.is_some() && all.replace('#', "") == kept.replace('#', ""));
        }
    }
}

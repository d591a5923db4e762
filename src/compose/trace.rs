//! Where the blocks of an issue are in its letter, as a browser finds them.

use scraper::{ElementRef, Html};

use super::html::trace::{ATTRIBUTE, CLASS, span};
use crate::model::source::Span;

/// A block of the issue in the HTML of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Bytes of the issue's file.
    pub span: Span,
    /// A selector of CSS that finds this element alone, in the letter that is sent, too.
    pub selector: String,
}

/// The blocks in the HTML of a traced letter, in its order, each once: where several elements are of one block, the
/// first, which is around the others or before them.
pub fn blocks(html: &str) -> Vec<Traced> {
    let document = Html::parse_document(html);
    let mut blocks: Vec<Traced> = Vec::new();
    let body = document.root_element().child_elements().find(|child| child.value().name() == "body");
    if let Some(body) = body {
        walk(body, "body", &mut blocks);
    }
    blocks
}

fn walk(element: ElementRef<'_>, path: &str, blocks: &mut Vec<Traced>) {
    for (index, child) in element.child_elements().enumerate() {
        let selector = format!("{path}>:nth-child({})", index + 1);
        if let Some(span) = of(child)
            && blocks.iter().all(|known| known.span != span)
        {
            blocks.push(Traced { span, selector: selector.clone() });
        }
        walk(child, &selector, blocks);
    }
}

fn of(element: ElementRef<'_>) -> Option<Span> {
    let by_attribute = element.attr(ATTRIBUTE).and_then(span);
    let by_class = || element.value().classes().find_map(|class| span(class.strip_prefix(CLASS)?));
    by_attribute.or_else(by_class)
}

#[cfg(test)]
mod tests {
    use scraper::Selector;

    use super::*;
    use crate::compose::testing::{LETTER, issue, letter, shown};

    /// Everything that authors write, with what the browser should show for some of it.
    const TEXT: &str = "# Title\n\nFirst *words* here.\n\n## A heading\n\n- one\n- two\n\n  more\n\n> quoted\n> words\n\n\
        ```rust\nfn main() {}\n```\n\n![A boat](https://a.example/boat.png)\n\n**[Go](https://a.example/)**\n\n\
        | a | b |\n| - | - |\n| 1 | 2 |\n\n> [!NOTE]\n> Mind it.\n\n---\n\n<p>Own <b>markup</b></p>\n\n\
        {% if member %}\n\nFor members.\n\n{% endif %}\n\n::: columns\n::: column\nLeft\n:::\n::: column\nRight\n:::\n:::\n\n\
        ::: section\nIn a band.\n:::\n\nTerm\n: Detail\n\nA note[^1].\n\n[^1]: The note.\n";

    fn traced(markdown: &str) -> String {
        let html = crate::compose::testing::traced_with(&issue(markdown), LETTER, "en-GB").unwrap();
        shown(&html)
    }

    fn without_trace(html: &str) -> String {
        let mut html = html.to_owned();
        for (open, close) in
            [(" data-block=\"", "\""), (" class=\"courant-block-", "\""), (" courant-block-", "")]
        {
            while let Some(at) = html.find(open) {
                let rest = &html[at + open.len()..];
                let is_end = |c: char| if close.is_empty() { c == '"' || c == ' ' } else { c == '"' };
                let end = at + open.len() + rest.find(is_end).unwrap() + close.len();
                html.replace_range(at..end, "");
            }
        }
        html
    }

    #[test]
    fn a_traced_letter_is_the_letter_but_for_the_trace() {
        assert_eq!(without_trace(&traced(TEXT)), shown(&letter(TEXT).html));
    }

    #[test]
    fn a_selector_finds_in_the_letter_what_the_author_wrote_there() {
        let document = Html::parse_document(&shown(&letter(TEXT).html));
        let blocks = blocks(&traced(TEXT));
        let words = |written: &str| {
            let at = TEXT.find(written).unwrap();
            let around = blocks.iter().filter(|block| block.span.start <= at && at < block.span.end);
            let block = around.min_by_key(|block| block.span.len()).unwrap_or_else(|| panic!("{written}"));
            let found = document.select(&Selector::parse(&block.selector).unwrap()).collect::<Vec<_>>();
            assert_eq!(found.len(), 1, "{written}");
            let text = found[0].text().collect::<String>();
            (found[0].value().name().to_owned(), text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        for (written, tag, text) in [
            ("First", "p", "First words here."),
            ("A heading", "h2", "A heading"),
            ("two", "p", "two"),
            ("more", "p", "more"),
            ("quoted", "p", "quoted words"),
            ("fn main", "td", "fn main() {}"),
            ("[Go]", "td", "Go"),
            ("| 1", "td", "ab12"),
            ("Mind", "p", "Mind it."),
            ("markup", "p", "Own markup"),
            ("members", "p", "For members."),
            ("Left", "p", "Left"),
            ("Right", "p", "Right"),
            ("In a band", "p", "In a band."),
            ("A note", "p", "A note1."),
        ] {
            assert_eq!(words(written), (tag.to_owned(), text.to_owned()), "{written}");
        }
    }
}

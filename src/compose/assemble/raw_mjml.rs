//! MJML that the author wrote between fences: kept where it is well-formed and where MJML may stand, shown as
//! code, with a finding, where it is not.

use crate::compose::html;
use crate::compose::markdown::tree::{Block, BlockKind, Document};
use crate::compose::template;
use crate::model::finding::Finding;
use crate::model::source::Source;

/// What begins a part of the letter that brings its own section.
const SECTIONS: [&str; 3] = ["<mj-section", "<mj-wrapper", "<mj-hero"];

/// Looks at every block of MJML.
pub fn settle(document: &mut Document, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    at_the_top(&mut document.blocks, source, false, &mut findings);
    for note in &mut document.notes {
        elsewhere(&mut note.blocks, source, &mut findings);
    }
    findings
}

fn at_the_top(blocks: &mut [Block], source: &Source, in_container: bool, findings: &mut Vec<Finding>) {
    for block in blocks.iter_mut() {
        match &mut block.kind {
            BlockKind::Mjml(mjml) => match wrong_with(mjml, in_container) {
                None => {}
                Some((message, help)) => {
                    let place = source.at(block.span.clone());
                    findings.push(Finding::error("mjml", message).at(place).help(help));
                    block.kind = as_code(mjml);
                }
            },
            BlockKind::Container(_, inner) => at_the_top(inner, source, true, findings),
            _ => elsewhere(std::slice::from_mut(block), source, findings),
        }
    }
}

/// Within quotes and lists there is HTML, and no component of MJML.
fn elsewhere(blocks: &mut [Block], source: &Source, findings: &mut Vec<Finding>) {
    for block in blocks.iter_mut() {
        if let BlockKind::Mjml(mjml) = &block.kind {
            let finding = Finding::error("mjml", "MJML cannot stand within another block")
                .at(source.at(block.span.clone()))
                .help("put it between paragraphs");
            findings.push(finding);
            block.kind = as_code(mjml);
        }
        block.each_inner(&mut |inner| elsewhere(inner, source, findings));
    }
}

fn as_code(mjml: &str) -> BlockKind {
    BlockKind::Code { language: None, text: mjml.to_owned() }
}

/// What is wrong, and what to do.
fn wrong_with(mjml: &str, in_container: bool) -> Option<(String, String)> {
    let has_section = SECTIONS.iter().any(|name| mjml.starts_with(name));
    if has_section && in_container {
        let help = "put the section outside of it, or leave `<mj-section>` and `<mj-column>` out";
        return Some(("a section of MJML cannot stand in a container".to_owned(), help.to_owned()));
    }
    let whole = match has_section {
        true => format!("<mjml><mj-body>{mjml}</mj-body></mjml>"),
        false => {
            format!("<mjml><mj-body><mj-section><mj-column>{mjml}</mj-column></mj-section></mj-body></mjml>")
        }
    };
    let broken = template::check_balance(&whole).and_then(|()| html::parse(&whole)).err();
    let broken = broken.map(|error| {
        (error.to_string(), "every element is closed, and every attribute quoted, as in XML".to_owned())
    });
    broken.or_else(|| unknown_element(mjml))
}

fn unknown_element(mjml: &str) -> Option<(String, String)> {
    let found = template::lint(&Source::new("", mjml)).into_iter().next()?;
    Some((found.message, found.help.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::compose::testing::{body_html, letter, places, shown};

    #[test]
    fn components_stand_in_the_letter_as_they_were_written() {
        let html = body_html(
            "a\n\n```mjml\n<mj-button href=\"https://example.org/?a={{ name }}\">Go</mj-button>\n```\n",
        );
        assert!(html.contains("https://example.org/?a=‹name›"), "{html}");
        let text =
            shown(&letter("```mjml\n<mj-button href=\"https://example.org/\">Go</mj-button>\n```\n").text);
        assert!(text.contains("Go[1]") || text.contains("Go [1]"), "{text}");
    }

    #[test]
    fn a_section_of_ones_own_ends_the_column_and_the_text_goes_on_in_another() {
        let html = body_html(
            "a\n\n```mjml\n<mj-section><mj-column><mj-text>b</mj-text></mj-column></mj-section>\n```\n\nc\n",
        );
        assert!(html.contains("b</div>") && html.contains(">c</p>"), "{html}");
    }

    #[test]
    fn what_is_broken_is_shown_as_code_with_a_finding_at_its_place() {
        for mjml in ["<mj-text>a", "<mj-txt>a</mj-txt>", "<mj-include path=\"x\" />"] {
            let rendered = letter(&format!("a\n\n```mjml\n{mjml}\n```\n"));
            assert_eq!(places(&rendered, "mjml"), ["3:1"], "{mjml}");
        }
        assert_eq!(places(&letter("> ```mjml\n> <mj-text>a</mj-text>\n> ```\n"), "mjml"), ["1:3"]);
    }
}

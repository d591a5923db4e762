//! What the parts of a letter weigh: Gmail cuts off what is too long, and an author wants to know what to shorten.

/// A part of the HTML, and its bytes before any encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The words of its heading; the first one is the head with the style sheets, the last has the footer in it.
    pub name: String,
    pub bytes: usize,
}

/// The name of what stands before the body.
pub const HEAD: &str = "head and styles";
/// The name of what stands in the body before the first heading.
pub const TOP: &str = "before the first heading";

/// The HTML in parts, in order, each from one heading of the first two levels to the next: together all of it.
pub fn sections(html: &str) -> Vec<Section> {
    let body = html.find("<body").unwrap_or_default();
    let mut marks = vec![(0, HEAD.to_owned()), (body, TOP.to_owned())];
    marks.extend(headings(&html[body..]).map(|(at, name)| (body + at, name)));
    let ends = marks.iter().skip(1).map(|(at, _)| *at).chain([html.len()]).collect::<Vec<_>>();
    let sections = marks.into_iter().zip(ends).map(|((at, name), end)| Section { name, bytes: end - at });
    sections.filter(|section| section.bytes > 0).collect()
}

fn headings(html: &str) -> impl Iterator<Item = (usize, String)> {
    html.match_indices("<h").filter_map(|(at, _)| {
        let level = html[at + 2..].chars().next().filter(|level| matches!(level, '1' | '2'))?;
        let inside = html[at..].split_once('>')?.1.split_once(&format!("</h{level}>"))?.0;
        Some((at, words(inside)))
    })
}

/// Text without its tags.
fn words(html: &str) -> String {
    let parts = html.split('<').enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.split_once('>').map_or("", |(_, text)| text),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_weighed_from_heading_to_heading() {
        let html = "<head></head><body>a<h1 id=\"t\">The <b>title</b></h1>bb<h3>c</h3><h2>Next</h2>d</body>";
        let found = sections(html);
        let names: Vec<&str> = found.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, [HEAD, TOP, "The title", "Next"]);
        assert_eq!(found.iter().map(|section| section.bytes).sum::<usize>(), html.len());
        assert_eq!(found[3].bytes, "<h2>Next</h2>d</body>".len());
    }

    #[test]
    fn what_is_no_page_is_one_part() {
        assert_eq!(sections("x"), [Section { name: TOP.to_owned(), bytes: 1 }]);
        assert_eq!(sections(""), []);
    }
}

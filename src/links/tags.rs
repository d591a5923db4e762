//! The tags and texts of an HTML page, one after the other. It builds no tree, and so takes time by the length
//! of a page and never by what is open in it.

/// Elements whose contents are no tags, as browsers that run scripts read them.
const RAW: [&str; 9] =
    ["title", "textarea", "style", "script", "noscript", "xmp", "iframe", "noembed", "noframes"];

/// What stands next in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bit<'a> {
    Open(Tag<'a>),
    /// The name of an element that ends.
    Close(&'a str),
    /// As it is written, with its entities.
    Text(&'a str),
    /// The contents of an element that holds no tags, such as `title` and `script`.
    Raw(&'a str),
}

/// The beginning of an element; values are as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tag<'a> {
    pub element: &'a str,
    pub id: Option<&'a str>,
    pub name: Option<&'a str>,
}

impl<'a> Tag<'a> {
    pub fn is(&self, element: &str) -> bool {
        self.element.eq_ignore_ascii_case(element)
    }

    fn keep(&mut self, name: &str, value: &'a str) {
        if name.eq_ignore_ascii_case("id") {
            self.id.get_or_insert(value);
        } else if name.eq_ignore_ascii_case("name") {
            self.name.get_or_insert(value);
        }
    }
}

/// Reads a page from its beginning to its end; comments, and a tag that does not end, are left out.
pub fn bits(source: &str) -> impl Iterator<Item = Bit<'_>> {
    Bits { rest: source, raw: None }
}

struct Bits<'a> {
    rest: &'a str,
    /// The element whose contents come next.
    raw: Option<&'a str>,
}

impl<'a> Iterator for Bits<'a> {
    type Item = Bit<'a>;

    fn next(&mut self) -> Option<Bit<'a>> {
        if let Some(element) = self.raw.take() {
            return Some(Bit::Raw(self.take(end_of_raw(self.rest, element))));
        }
        while !self.rest.is_empty() {
            match Mark::of(self.rest) {
                Mark::Comment => drop(self.take(end_of_comment(self.rest))),
                Mark::Other => drop(self.take(after(self.rest, ">"))),
                Mark::Text => return Some(Bit::Text(self.take(end_of_text(self.rest)))),
                Mark::Open => return self.tag(1).map(|tag| self.open(tag)),
                Mark::Close => return self.tag(2).map(|tag| Bit::Close(tag.element)),
            }
        }
        None
    }
}

impl<'a> Bits<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn open(&mut self, tag: Tag<'a>) -> Bit<'a> {
        self.raw = RAW.iter().any(|raw| tag.is(raw)).then_some(tag.element);
        Bit::Open(tag)
    }

    /// A tag whose name begins after so many bytes.
    fn tag(&mut self, before: usize) -> Option<Tag<'a>> {
        self.take(before);
        let element = self.take(find(self.rest, |c| is_space(c) || matches!(c, '/' | '>')));
        let mut tag = Tag { element, ..Tag::default() };
        loop {
            self.skip(|c| is_space(c) || c == '/');
            match self.rest.chars().next()? {
                '>' => {
                    self.take(1);
                    return Some(tag);
                }
                first => {
                    let (name, value) = self.attribute(first.len_utf8())?;
                    tag.keep(name, value);
                }
            }
        }
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(is_skipped);
    }

    /// Name and value; `None` if it does not end. The name has at least the first so many bytes.
    fn attribute(&mut self, first: usize) -> Option<(&'a str, &'a str)> {
        let ends = |c: char| is_space(c) || matches!(c, '/' | '>' | '=');
        let name = self.take(first + find(&self.rest[first..], ends));
        self.skip(is_space);
        match self.rest.strip_prefix('=') {
            None => Some((name, "")),
            Some(rest) => {
                self.rest = rest;
                self.skip(is_space);
                Some((name, self.value()?))
            }
        }
    }

    fn value(&mut self) -> Option<&'a str> {
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Some(self.take(find(self.rest, |c| is_space(c) || c == '>')));
        };
        let (value, rest) = self.rest[1..].split_once(quote)?;
        self.rest = rest;
        Some(value)
    }
}

/// What a page goes on with.
enum Mark {
    Text,
    Open,
    Close,
    Comment,
    /// A declaration, or something that browsers take for a comment.
    Other,
}

impl Mark {
    fn of(rest: &str) -> Mark {
        let letter = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_alphabetic);
        match rest.as_bytes() {
            [b'<', b'!', b'-', b'-', ..] => Mark::Comment,
            [b'<', b'/', ..] if letter(2) => Mark::Close,
            [b'<', b'!' | b'?' | b'/', ..] => Mark::Other,
            [b'<', ..] if letter(1) => Mark::Open,
            _ => Mark::Text,
        }
    }
}

fn is_space(c: char) -> bool {
    c.is_ascii_whitespace()
}

fn find(text: &str, is_meant: impl Fn(char) -> bool) -> usize {
    text.find(is_meant).unwrap_or(text.len())
}

fn after(text: &str, mark: &str) -> usize {
    text.find(mark).map_or(text.len(), |at| at + mark.len())
}

/// `<!-->` is a whole comment.
fn end_of_comment(text: &str) -> usize {
    2 + after(&text[2..], if text.starts_with("<!-->") { ">" } else { "-->" })
}

/// A lone `<` is text, and so may be its beginning.
fn end_of_text(text: &str) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    first + text[first..].find('<').unwrap_or(text.len() - first)
}

fn end_of_raw(text: &str, element: &str) -> usize {
    let closes = |at: &usize| {
        let name = text.get(at + 2..at + 2 + element.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(element))
    };
    text.match_indices("</").map(|(at, _)| at).find(closes).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<String> {
        let word = |bit| match bit {
            Bit::Open(Tag { element, id, name }) => {
                format!("<{element} {} {}>", id.unwrap_or("-"), name.unwrap_or("-"))
            }
            Bit::Close(element) => format!("</{element}>"),
            Bit::Text(text) => text.to_owned(),
            Bit::Raw(text) => format!("raw {text}"),
        };
        bits(source).map(word).collect()
    }

    #[test]
    fn tags_are_read_as_browsers_read_them() {
        for (source, bits) in [
            ("<!doctype html><p id=a>x</p >y", vec!["<p a ->", "x", "</p>", "y"]),
            ("<a ID='1>2' name = \"b c\" id=no>", vec!["<a 1>2 b c>"]),
            ("<br/><i id/><b id=x/>", vec!["<br - ->", "<i  ->", "<b x/ ->"]),
            ("1 < 2 <3 é", vec!["1 ", "< 2 ", "<3 é"]),
            ("a<!-- <p> -->b<!-->c<!--d", vec!["a", "b", "c"]),
            ("<title>a <b></TITLE>c", vec!["<title - ->", "raw a <b>", "</TITLE>", "c"]),
            ("<script>'</p>'</script>", vec!["<script - ->", "raw '</p>'", "</script>"]),
            ("<p title=it's id=a>x", vec!["<p a ->", "x"]),
            ("x<p id='a", vec!["x"]),
            ("x</>y<?z?>", vec!["x", "y"]),
        ] {
            assert_eq!(read(source), bits, "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(source in "([<>/!='\"é -]|--|id|title|script){0,60}") {
            read(&source);
        }
    }
}

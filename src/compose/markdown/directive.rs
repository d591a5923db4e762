//! What stands after `:::`: the name of a container and how it is to be.

use crate::compose::markdown::tree::{Callout, Side};
use crate::model::finding::suggest;

/// The names that there are, for whoever mistyped one.
pub const NAMES: [&str; 12] = [
    "button", "callout", "column", "columns", "divider", "figure", "fold", "hero", "mail", "section",
    "segment", "web",
];

/// One container as the author asked for it. Titles and labels may hold merge tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// Links that look like buttons; `quiet` ones have a border in place of a ground.
    Button {
        side: Option<Side>,
        quiet: bool,
    },
    Callout {
        kind: Callout,
        title: String,
    },
    Columns,
    /// Per cent of the width.
    Column {
        width: Option<u8>,
    },
    Divider,
    Figure,
    /// What of the letter is read on the web alone, and what the link there says.
    Fold {
        label: String,
    },
    Hero,
    Mail,
    Section,
    /// A filter: who of the subscribers gets it.
    Segment(String),
    Web,
}

/// What is wrong with the words after `:::`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub message: String,
    pub help: String,
}

impl Directive {
    /// Reads `callout tip "Good to know"`.
    pub fn parse(text: &str) -> Result<Directive, Wrong> {
        let text = text.trim();
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (name, rest) = (&text[..end], text[end..].trim());
        if name == "segment" {
            return match rest {
                "" => Err(wrong(
                    "`::: segment` names nobody",
                    "write who gets it: `::: segment city = \"London\"`",
                )),
                filter => Ok(Directive::Segment(filter.to_owned())),
            };
        }
        let mut words = Words::of(rest)?;
        let directive = named(name, &mut words)?;
        words.finish(name)?;
        Ok(directive)
    }

    /// The word that begins it.
    pub fn name(&self) -> &'static str {
        match self {
            Directive::Button { .. } => "button",
            Directive::Callout { .. } => "callout",
            Directive::Columns => "columns",
            Directive::Column { .. } => "column",
            Directive::Divider => "divider",
            Directive::Figure => "figure",
            Directive::Fold { .. } => "fold",
            Directive::Hero => "hero",
            Directive::Mail => "mail",
            Directive::Section => "section",
            Directive::Segment(_) => "segment",
            Directive::Web => "web",
        }
    }
}

fn named(name: &str, words: &mut Words) -> Result<Directive, Wrong> {
    Ok(match name {
        "button" => Directive::Button { side: words.side(), quiet: words.flag("quiet") },
        "callout" => Directive::Callout { kind: words.callout(), title: words.quoted() },
        "columns" => Directive::Columns,
        "column" => Directive::Column { width: words.width()? },
        "divider" => Directive::Divider,
        "figure" => Directive::Figure,
        "fold" => Directive::Fold { label: words.quoted() },
        "hero" => Directive::Hero,
        "mail" => Directive::Mail,
        "section" => Directive::Section,
        "web" => Directive::Web,
        unknown => return Err(unknown_name(unknown)),
    })
}

fn unknown_name(name: &str) -> Wrong {
    let help = match suggest(&name.to_lowercase(), NAMES) {
        Some(known) => format!("did you mean `::: {known}`?"),
        None => format!("there are {}", NAMES.join(", ")),
    };
    Wrong { message: format!("`::: {name}` is no container"), help }
}

fn wrong(message: &str, help: &str) -> Wrong {
    Wrong { message: message.to_owned(), help: help.to_owned() }
}

/// The words after the name that nobody has taken yet.
struct Words {
    bare: Vec<String>,
    quoted: Option<String>,
}

impl Words {
    fn of(text: &str) -> Result<Words, Wrong> {
        let Some((before, after)) = text.split_once('"') else {
            return Ok(Words { bare: bare(text), quoted: None });
        };
        let Some((quoted, behind)) = after.rsplit_once('"') else {
            return Err(wrong("a quotation mark is never closed", "put one at the end of the line"));
        };
        Ok(Words { bare: bare(&format!("{before} {behind}")), quoted: Some(quoted.trim().to_owned()) })
    }

    fn flag(&mut self, word: &str) -> bool {
        let before = self.bare.len();
        self.bare.retain(|known| known != word);
        self.bare.len() < before
    }

    fn side(&mut self) -> Option<Side> {
        let sides = [("left", Side::Left), ("center", Side::Center), ("right", Side::Right)];
        sides.into_iter().filter(|(word, _)| self.flag(word)).map(|(_, side)| side).last()
    }

    fn callout(&mut self) -> Callout {
        let kinds = [
            ("note", Callout::Note),
            ("tip", Callout::Tip),
            ("important", Callout::Important),
            ("warning", Callout::Warning),
            ("caution", Callout::Caution),
        ];
        kinds
            .into_iter()
            .filter(|(word, _)| self.flag(word))
            .map(|(_, kind)| kind)
            .last()
            .unwrap_or(Callout::Note)
    }

    /// `40%`, or `width=40%`.
    fn width(&mut self) -> Result<Option<u8>, Wrong> {
        let Some(at) = self.bare.iter().position(|word| word.ends_with('%')) else { return Ok(None) };
        let word = self.bare.remove(at);
        let number = word.trim_end_matches('%').trim_start_matches("width=").parse::<u8>().ok();
        match number.filter(|number| (10..=90).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(&format!("`{word}` is no width"), "write 10% to 90%: `::: column 40%`")),
        }
    }

    fn quoted(&mut self) -> String {
        self.quoted.take().unwrap_or_default()
    }

    fn finish(self, name: &str) -> Result<(), Wrong> {
        let Some(left) = self.quoted.map(|text| format!("\"{text}\"")).or(self.bare.into_iter().next())
        else {
            return Ok(());
        };
        let help = match name {
            "button" => "a button may be `left`, `center`, `right` and `quiet`",
            "callout" => {
                "a callout is a `note`, `tip`, `important`, `warning` or `caution`, and may have a title: \
                 `::: callout tip \"Good to know\"`"
            }
            "column" => "a column may have a width: `::: column 40%`",
            "fold" => "a fold may have the words of its link: `::: fold \"Read on\"`",
            _ => "nothing stands after its name",
        };
        Err(wrong(&format!("`::: {name}` does not know `{left}`"), help))
    }
}

fn bare(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_a_name_and_how_it_is_to_be() {
        for (text, directive) in [
            ("button", Directive::Button { side: None, quiet: false }),
            ("button center quiet", Directive::Button { side: Some(Side::Center), quiet: true }),
            (
                "callout tip \"a \"b\" c\"",
                Directive::Callout { kind: Callout::Tip, title: "a \"b\" c".into() },
            ),
            ("column width=40%", Directive::Column { width: Some(40) }),
            ("segment city = \"London\"", Directive::Segment("city = \"London\"".into())),
        ] {
            assert_eq!(Directive::parse(text), Ok(directive), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_says_what_would_be() {
        for (text, message, help) in [
            ("colums", "`::: colums` is no container", "did you mean `::: columns`?"),
            ("button big", "`::: button` does not know `big`", "quiet"),
            ("column 5%", "`5%` is no width", "10% to 90%"),
            ("fold \"a", "a quotation mark is never closed", "end of the line"),
            ("segment", "`::: segment` names nobody", "city"),
        ] {
            let wrong = Directive::parse(text).unwrap_err();
            assert_eq!(wrong.message, message);
            assert!(wrong.help.contains(help), "{}", wrong.help);
        }
    }
}

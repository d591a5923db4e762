//! Style sheets and style attributes, as far as rules about mail clients ask: what is set, where, and within which
//! at-rules. What cannot be read is passed over, as clients do.

use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser,
};

/// `name: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Lower case, but for a custom property.
    pub name: String,
    /// Without `!important`.
    pub value: String,
    pub is_important: bool,
    /// As it stands there, without the semicolon.
    pub written: String,
}

/// A rule of a style sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StyleRule {
    /// The at-rules around it, from outside: `media (max-width:480px)`.
    pub around: Vec<String>,
    /// As they are written; empty for the declarations of an at-rule such as `@font-face`.
    pub selectors: String,
    pub declarations: Vec<Declaration>,
}

/// `@name prelude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtRule {
    pub name: String,
    pub prelude: String,
    /// How many at-rules are around it.
    pub depth: usize,
}

/// One `<style>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub text: String,
    pub rules: Vec<StyleRule>,
    pub at_rules: Vec<AtRule>,
}

impl Sheet {
    pub fn read(text: &str) -> Sheet {
        let mut reader = Reader::default();
        let mut input = Parser::new(text);
        StyleSheetParser::new(&mut input, &mut reader).for_each(drop);
        Sheet { text: text.to_owned(), rules: reader.rules, at_rules: reader.at_rules }
    }
}

/// The declarations of a `style` attribute.
pub fn declarations(style: &str) -> Vec<Declaration> {
    let mut reader = Reader { takes_declarations: true, ..Reader::default() };
    let mut input = Parser::new(style);
    RuleBodyParser::new(&mut input, &mut reader).filter_map(|item| item.ok().flatten()).collect()
}

#[derive(Default)]
struct Reader {
    around: Vec<String>,
    takes_declarations: bool,
    rules: Vec<StyleRule>,
    at_rules: Vec<AtRule>,
}

type Fault = ParseError<()>;

impl Reader {
    /// Everything up to the end of `input`, as it is written.
    fn rest<'i>(input: &mut Parser<'i>) -> &'i str {
        let start = input.position();
        while input.next_including_whitespace_and_comments().is_ok() {}
        input.slice_from(start).trim()
    }

    /// Reads a block; its own declarations are a rule.
    fn block<'i>(&mut self, selectors: String, takes_declarations: bool, input: &mut Parser<'i>) {
        let outer = std::mem::replace(&mut self.takes_declarations, takes_declarations);
        let place = self.rules.len();
        let declarations: Vec<Declaration> =
            RuleBodyParser::new(input, self).filter_map(|item| item.ok().flatten()).collect();
        self.takes_declarations = outer;
        if takes_declarations {
            let around = self.around.clone();
            self.rules.insert(place, StyleRule { around, selectors, declarations });
        }
    }
}

impl<'i> DeclarationParser<'i> for Reader {
    type Declaration = Option<Declaration>;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _start: &ParserState,
    ) -> Result<Option<Declaration>, Fault> {
        let value = Reader::rest(input);
        if value.contains('{') {
            // A nested rule, such as `a:hover {…}`.
            return Err(input.new_error_for_next_token());
        }
        let name = if name.starts_with("--") { name.to_string() } else { name.to_ascii_lowercase() };
        let written = format!("{name}:{value}");
        let (value, is_important) = match value.rsplit_once('!') {
            Some((value, word)) if word.trim().eq_ignore_ascii_case("important") => (value.trim_end(), true),
            _ => (value, false),
        };
        Ok(Some(Declaration { name, value: value.to_owned(), is_important, written }))
    }
}

impl<'i> QualifiedRuleParser<'i> for Reader {
    type Prelude = String;
    type QualifiedRule = Option<Declaration>;
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<String, Fault> {
        Ok(Reader::rest(input).to_owned())
    }

    fn parse_block(
        &mut self,
        selectors: String,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Option<Declaration>, Fault> {
        self.block(selectors, true, input);
        Ok(None)
    }
}

impl<'i> AtRuleParser<'i> for Reader {
    type Prelude = AtRule;
    type AtRule = Option<Declaration>;
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<AtRule, Fault> {
        let (name, prelude) = (name.to_ascii_lowercase(), Reader::rest(input).to_owned());
        Ok(AtRule { name, prelude, depth: self.around.len() })
    }

    fn rule_without_block(
        &mut self,
        prelude: AtRule,
        _start: &ParserState,
    ) -> Result<Option<Declaration>, ()> {
        self.at_rules.push(prelude);
        Ok(None)
    }

    fn parse_block(
        &mut self,
        at: AtRule,
        _start: &ParserState,
        input: &mut Parser<'i>,
    ) -> Result<Option<Declaration>, Fault> {
        let holds_rules =
            matches!(at.name.as_str(), "media" | "supports" | "layer" | "container" | "document")
                || at.name.ends_with("keyframes");
        self.around.push(format!("{} {}", at.name, at.prelude).trim().to_owned());
        self.at_rules.push(at);
        self.block(String::new(), !holds_rules, input);
        self.around.pop();
        Ok(None)
    }
}

impl RuleBodyItemParser<'_, Option<Declaration>, ()> for Reader {
    fn parse_declarations(&self) -> bool {
        self.takes_declarations
    }

    fn parse_qualified(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_attribute_is_read_whatever_is_in_its_quotes() {
        let found = declarations("color:RED; background:url('a;b.png') ! Important;--x:{;width:50%;;");
        let told: Vec<(&str, &str, bool)> =
            found.iter().map(|d| (d.name.as_str(), d.value.as_str(), d.is_important)).collect();
        assert_eq!(told[..2], [("color", "RED", false), ("background", "url('a;b.png')", true)]);
    }

    #[test]
    fn a_sheet_knows_what_stands_in_which_at_rule() {
        let sheet = Sheet::read(
            "@import url(a.css);p,a:hover{color:red}@media print{@supports (display:grid){b{c:d!important}}}\
             @font-face{font-family:X;src:url(x.woff)}",
        );
        let around: Vec<(&str, usize)> =
            sheet.rules.iter().map(|rule| (rule.selectors.as_str(), rule.around.len())).collect();
        assert_eq!(around, [("p,a:hover", 0), ("b", 2), ("", 1)]);
        assert!(sheet.rules[1].declarations[0].is_important);
        let at: Vec<(&str, usize)> = sheet.at_rules.iter().map(|at| (at.name.as_str(), at.depth)).collect();
        assert_eq!(at, [("import", 0), ("media", 0), ("supports", 1), ("font-face", 0)]);
    }
}

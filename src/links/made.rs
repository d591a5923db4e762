//! The addresses that merge fields make of a link, for everybody in the audience: each different one, up to a
//! number, and never one that says who a subscriber is.

use std::collections::BTreeSet;

use minijinja::{Environment, Value};

use super::target::unescape;
use crate::compose::expression::strict;
use crate::model::letter::{Piece, Pieces};
use crate::model::subscriber::Subscriber;

/// So many different addresses of one link are visited.
pub const MOST: usize = 50;

/// Words in the names of fields that hold what is somebody's own. Their values are never carried to a host
/// while checking.
const PERSONAL: [&str; 22] = [
    "email",
    "mail",
    "name",
    "firstname",
    "lastname",
    "surname",
    "phone",
    "tel",
    "mobile",
    "address",
    "birthday",
    "id",
    "uid",
    "uuid",
    "token",
    "key",
    "hash",
    "code",
    "secret",
    "password",
    "unsubscribe",
    "user",
];

/// What links with fields become, link by link.
#[derive(Debug)]
pub struct Made {
    environment: Environment<'static>,
    forms: Vec<Option<Form>>,
}

/// One link with fields, while people go by.
#[derive(Debug)]
struct Form {
    parts: Vec<Part>,
    texts: BTreeSet<String>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// The name of a template.
    Field(String),
}

impl Made {
    /// Of these links; nobody has gone by yet.
    pub fn of<'a>(targets: impl IntoIterator<Item = &'a Pieces>) -> Made {
        let mut made = Made { environment: strict(), forms: Vec::new() };
        for target in targets {
            let form = if target.holes().next().is_some() { made.form(target) } else { None };
            made.forms.push(form);
        }
        made
    }

    /// Fills every link with the values of one subscriber; what they have no value for makes no address.
    pub fn meet(&mut self, member: &Subscriber) {
        let open = |form: &Form| form.texts.len() < MOST;
        if !self.forms.iter().flatten().any(open) {
            return;
        }
        let pairs = member.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let values = Value::from_pairs(pairs);
        for form in self.forms.iter_mut().flatten().filter(|form| open(form)) {
            form.texts.extend(filled(&form.parts, &self.environment, &values));
        }
    }

    /// The different addresses of the link at this place in the order they were given.
    pub fn texts(&self, link: usize) -> impl Iterator<Item = &str> {
        let form = self.forms.get(link).and_then(Option::as_ref);
        form.into_iter().flat_map(|form| form.texts.iter().map(String::as_str))
    }

    /// `None` if a link has logic in it, or a field that is somebody's own.
    fn form(&mut self, target: &Pieces) -> Option<Form> {
        let mut parts = Vec::new();
        for piece in target.iter() {
            parts.push(match piece {
                Piece::Literal(text) => Part::Text(unescape(text)),
                Piece::Hole(hole) => Part::Field(self.field(&hole.expression)?),
                Piece::Logic { .. } => return None,
            });
        }
        Some(Form { parts, texts: BTreeSet::new() })
    }

    fn field(&mut self, expression: &str) -> Option<String> {
        let source = format!("{{{{ {expression} }}}}");
        self.environment.add_template_owned(source.clone(), source.clone()).ok()?;
        let template = self.environment.get_template(&source).ok()?;
        let names = template.undeclared_variables(false);
        (!names.iter().any(|name| is_personal(name))).then_some(source)
    }
}

/// By the words of its name: `first_name`, `userId` and `e-mail` are.
fn is_personal(field: &str) -> bool {
    let mut words = String::new();
    for c in field.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    }
    words.split_whitespace().any(|word| PERSONAL.contains(&word))
        || PERSONAL.contains(&field.to_lowercase().as_str())
}

fn filled(parts: &[Part], environment: &Environment<'_>, values: &Value) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Field(name) => {
                let value = environment.get_template(name).ok()?.render(values).ok()?;
                text.push_str(&component(Some(value).filter(|value| !value.is_empty())?));
            }
        }
    }
    Some(text)
}

fn component(text: impl AsRef<str>) -> String {
    url::form_urlencoded::byte_serialize(text.as_ref().as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;
    use crate::model::letter::{Context, Hole};

    fn with_hole(expression: &str) -> Pieces {
        let hole = Hole { expression: expression.to_owned(), context: Context::Url, span: 0..0 };
        Pieces::new([Piece::Literal("https://a.example/?x=".to_owned()), Piece::Hole(hole)])
    }

    fn from(city: &str) -> Subscriber {
        let fields = [("city".to_owned(), city.to_owned()), ("token".to_owned(), "s3cret".to_owned())].into();
        Subscriber { address: Address::parse("ada@example.org").unwrap(), name: Some("Ada".into()), fields }
    }

    fn made(expression: &str, cities: &[&str]) -> Vec<String> {
        let link = with_hole(expression);
        let mut made = Made::of([&link]);
        cities.iter().for_each(|city| made.meet(&from(city)));
        made.texts(0).map(str::to_owned).collect()
    }

    #[test]
    fn every_different_value_makes_an_address_once() {
        let all = made("city", &["Minsk", "Novy Svet & Co", "Minsk", ""]);
        assert_eq!(all, ["https://a.example/?x=Minsk", "https://a.example/?x=Novy%20Svet%20%26%20Co"]);
        assert_eq!(made("plan | default(\"free\")", &["Minsk"]), ["https://a.example/?x=free"]);
        assert_eq!(made("nothing", &["Minsk"]), [""; 0]);
    }

    #[test]
    fn a_field_with_a_thousand_values_makes_fifty() {
        let cities: Vec<String> = (0..1000).map(|number| format!("City {number}")).collect();
        let cities: Vec<&str> = cities.iter().map(String::as_str).collect();
        assert_eq!(made("city", &cities).len(), MOST);
    }

    #[test]
    fn nobody_is_named_to_a_host_while_checking() {
        for expression in [
            "email",
            "name",
            "email | lower",
            "name ~ city",
            "token",
            "first_name",
            "userId",
            "unsubscribe_url",
        ] {
            assert_eq!(made(expression, &["Minsk"]), [""; 0], "{expression}");
        }
    }

    #[test]
    fn links_without_fields_have_a_place_too() {
        let (plain, link) = (Pieces::literal("https://a.example/"), with_hole("city"));
        let mut made = Made::of([&plain, &link]);
        made.meet(&from("Minsk"));
        assert_eq!((made.texts(0).count(), made.texts(1).count(), made.texts(7).count()), (0, 1, 0));
    }
}

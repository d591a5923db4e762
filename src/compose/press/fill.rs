//! One value into one hole: escaped for its place, then encoded for its part.

use std::borrow::Cow;

use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, State};

use crate::compose::escape::{self, UrlPlace};
use crate::compose::mime::quoted;
use crate::model::letter::Context;
use crate::model::subscriber::Subscriber;

/// How a part travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is: to be shown, or to be encoded when it is whole.
    Raw,
    Quoted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    Markup,
    Url(UrlPlace),
}

const PLACES: [Place; 5] = [
    Place::Plain,
    Place::Markup,
    Place::Url(UrlPlace::Start),
    Place::Url(UrlPlace::Mailbox),
    Place::Url(UrlPlace::Component),
];

/// A way to write a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fill {
    place: Place,
    /// A URL stands in an attribute.
    is_markup: bool,
    coding: Coding,
}

/// How a filter writes a value.
type Write = fn(Fill, &mut State<'_, '_>, &Value) -> Result<String, Error>;

/// A value that would be linked, and is no address of the web or of mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoSafeUrl;

impl NoSafeUrl {
    pub(super) const MESSAGE: &'static str = "a link must begin with `https:`, `http:` or `mailto:`";
}

impl Fill {
    /// `url` is the place in the URL, for holes in one.
    pub(super) fn new(context: Context, url: UrlPlace, is_markup: bool, coding: Coding) -> Fill {
        let place = match context {
            Context::Plain | Context::Header => Place::Plain,
            Context::Html | Context::Attribute => Place::Markup,
            Context::Url => Place::Url(url),
        };
        Fill { place, is_markup, coding }
    }

    /// Appends `value`; `is_encoded` says that it is percent-encoded already. `scratch` is overwritten.
    pub(super) fn write(
        self,
        value: &str,
        is_encoded: bool,
        scratch: &mut String,
        out: &mut Vec<u8>,
    ) -> Result<(), NoSafeUrl> {
        scratch.clear();
        match self.place {
            Place::Plain => escape::plain(value, scratch),
            Place::Markup => escape::html(value, scratch),
            Place::Url(place) => self.url(value, is_encoded, place, scratch)?,
        }
        match self.coding {
            Coding::Raw => out.extend_from_slice(scratch.as_bytes()),
            Coding::Quoted => quoted::segment(scratch, out),
        }
        Ok(())
    }

    fn url(self, value: &str, is_encoded: bool, place: UrlPlace, out: &mut String) -> Result<(), NoSafeUrl> {
        match place {
            UrlPlace::Start if !escape::has_safe_scheme(value) => return Err(NoSafeUrl),
            UrlPlace::Mailbox | UrlPlace::Component if is_encoded && escape::is_encoded(value) => {
                out.push_str(value);
            }
            _ => escape::for_url(value, place, out),
        }
        if self.is_markup {
            let url = std::mem::take(out);
            escape::html(&url, out);
        }
        Ok(())
    }

    /// The name of the filter that does the same in a template.
    pub(super) fn filter(self) -> String {
        let place = PLACES.iter().position(|place| *place == self.place).unwrap_or_default();
        format!("fill_{place}_{}_{}", u8::from(self.is_markup), u8::from(self.coding == Coding::Quoted))
    }

    /// Adds the filters of all ways to write a value.
    pub(super) fn teach(environment: &mut Environment<'static>) {
        Fill::teach_to(environment, Fill::in_template);
    }

    /// The same for an environment in which everything unknown is empty: it is an error all the same to print it.
    pub(super) fn teach_lenient(environment: &mut Environment<'static>) {
        Fill::teach_to(environment, |fill, state, value| match value.is_undefined() {
            true => Err(Error::from(ErrorKind::UndefinedError)),
            false => fill.in_template(state, value),
        });
    }

    fn teach_to(environment: &mut Environment<'static>, write: Write) {
        for place in PLACES {
            for (is_markup, coding) in
                [(false, Coding::Raw), (false, Coding::Quoted), (true, Coding::Raw), (true, Coding::Quoted)]
            {
                let fill = Fill { place, is_markup, coding };
                environment.add_filter(fill.filter(), move |state: &mut State<'_, '_>, value: &Value| {
                    write(fill, state, value)
                });
            }
        }
    }

    fn in_template(self, state: &mut State<'_, '_>, value: &Value) -> Result<String, Error> {
        let text = match value.as_str() {
            Some(text) => Cow::Borrowed(text),
            None if value.is_none() => return Err(Error::from(ErrorKind::UndefinedError)),
            // Fails for what has no value, but not for an `if` without `else`.
            None => Cow::Owned(state.format(value.clone())?),
        };
        let (mut scratch, mut out) = (String::new(), Vec::new());
        self.write(&text, value.is_safe(), &mut scratch, &mut out)
            .map_err(|NoSafeUrl| Error::new(ErrorKind::InvalidOperation, NoSafeUrl::MESSAGE))?;
        String::from_utf8(out).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    }
}

/// The value of a merge field, borrowed where it can be. An empty value is no value.
pub(super) fn field<'s>(to: &'s Subscriber, name: &str) -> Option<Cow<'s, str>> {
    let value = match name {
        "email" => Some(Cow::Owned(to.address.to_string())),
        "name" => to.name.as_deref().map(Cow::Borrowed),
        other => to.fields.get(other).map(|value| Cow::Borrowed(value.as_str())),
    };
    value.filter(|value| !value.is_empty())
}

//! The attributes that the components of MJML take (MJML 4.18); mrml lets others pass without a word.

/// By component; `padding*` stands for itself and for its four sides.
const ATTRIBUTES: [(&str, &str); 31] = [
    (
        "mj-accordion",
        "border container-background-color font-family icon-align icon-height icon-position \
         icon-unwrapped-alt icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url padding*",
    ),
    (
        "mj-accordion-element",
        "background-color border font-family icon-align icon-height icon-position icon-unwrapped-alt \
         icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url",
    ),
    (
        "mj-accordion-text",
        "background-color color font-family font-size font-weight letter-spacing line-height padding*",
    ),
    ("mj-accordion-title", "background-color color font-family font-size font-weight padding*"),
    ("mj-attributes", ""),
    ("mj-body", "background-color width"),
    ("mj-breakpoint", "width"),
    (
        "mj-button",
        "align background-color border* border-radius color container-background-color font-family font-size \
         font-style font-weight height href inner-padding letter-spacing line-height name padding* rel target \
         text-align text-decoration text-transform title vertical-align width",
    ),
    (
        "mj-carousel",
        "align border-radius container-background-color icon-width left-icon padding* right-icon tb-border \
         tb-border-radius tb-hover-border-color tb-selected-border-color tb-width thumbnails",
    ),
    (
        "mj-carousel-image",
        "alt border-radius href rel src target tb-border tb-border-radius thumbnails-src title",
    ),
    (
        "mj-column",
        "background-color border* border-radius direction inner-background-color inner-border* \
         inner-border-radius padding* vertical-align width",
    ),
    ("mj-divider", "align border-color border-style border-width container-background-color padding* width"),
    ("mj-font", "href name"),
    ("mj-group", "background-color direction vertical-align width"),
    ("mj-head", ""),
    (
        "mj-hero",
        "background-color background-height background-position background-url background-width border-radius \
         container-background-color height inner-background-color inner-padding* mode padding* vertical-align",
    ),
    ("mj-html-attributes", ""),
    (
        "mj-image",
        "align alt border* border-radius container-background-color fluid-on-mobile font-size height href \
         max-height name padding* rel sizes src srcset target title usemap width",
    ),
    (
        "mj-navbar",
        "align base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height \
         ico-open ico-padding* ico-text-decoration ico-text-transform padding*",
    ),
    (
        "mj-navbar-link",
        "color font-family font-size font-style font-weight href letter-spacing line-height name padding* rel \
         target text-decoration text-transform",
    ),
    ("mj-preview", ""),
    ("mj-raw", "position"),
    (
        "mj-section",
        "background-color background-position background-position-x background-position-y background-repeat \
         background-size background-url border* border-radius direction full-width padding* text-align \
         text-padding",
    ),
    (
        "mj-social",
        "align border-radius color container-background-color font-family font-size font-style font-weight \
         icon-height icon-padding icon-size inner-padding line-height mode padding* table-layout \
         text-decoration text-padding vertical-align",
    ),
    (
        "mj-social-element",
        "align alt background-color border-radius color font-family font-size font-style font-weight href \
         icon-height icon-padding icon-position icon-size line-height name padding* rel sizes src srcset \
         target text-decoration text-padding title vertical-align",
    ),
    ("mj-spacer", "border* container-background-color height padding*"),
    ("mj-style", "inline"),
    (
        "mj-table",
        "align border cellpadding cellspacing color container-background-color font-family font-size \
         font-weight line-height padding* role table-layout vertical-align width",
    ),
    (
        "mj-text",
        "align background-color color container-background-color font-family font-size font-style font-weight \
         height letter-spacing line-height padding* text-decoration text-transform vertical-align",
    ),
    ("mj-title", ""),
    (
        "mj-wrapper",
        "background-color background-position background-position-x background-position-y background-repeat \
         background-size background-url border* border-radius direction full-width gap padding* text-align \
         text-padding",
    ),
];

/// What every component takes.
const EVERYWHERE: [&str; 2] = ["css-class", "mj-class"];

/// The attributes of a component by name; `None` for what takes any, such as `mj-all`, or is no component.
pub fn attributes_of(component: &str) -> Option<Vec<String>> {
    let (_, names) = ATTRIBUTES.iter().find(|(name, _)| *name == component)?;
    let each = names.split(' ').filter(|name| !name.is_empty());
    let own = each.flat_map(|name| match name.strip_suffix('*') {
        Some(name) => {
            let sides = ["top", "bottom", "left", "right"].map(|side| format!("{name}-{side}"));
            [name.to_owned()].into_iter().chain(sides).collect()
        }
        None => vec![name.to_owned()],
    });
    Some(own.chain(EVERYWHERE.map(str::to_owned)).collect())
}

/// The names of the attributes of a tag, each with the byte where it begins.
pub fn names_in(tag: &str) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut at = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
    while at < tag.len() {
        let rest = &tag[at..];
        let start = at + rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let is_end = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '"' | '\'');
        let length = tag[start..].find(is_end).unwrap_or(tag.len() - start);
        if length > 0 {
            names.push((start, &tag[start..start + length]));
        }
        at = past_value(tag, start + length);
    }
    names
}

/// The byte after the value that follows a name, if one does; at least one byte on.
fn past_value(tag: &str, at: usize) -> usize {
    let rest = &tag[at..];
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return at + rest.chars().next().map_or(1, char::len_utf8);
    };
    let value = value.trim_start();
    let from = tag.len() - value.len();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(tag.len(), |end| from + end + 2),
        _ => from + value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_whatever_their_values_hold() {
        let tag = "<mj-text align=\"a=b > c\" color='x' bare padding = \"0\"/>";
        let names: Vec<&str> = names_in(tag).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["align", "color", "bare", "padding"]);
        assert!(attributes_of("mj-text").unwrap().contains(&"padding-left".to_owned()));
        assert_eq!(attributes_of("mj-all"), None);
    }
}

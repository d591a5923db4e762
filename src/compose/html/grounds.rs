//! The author's own colours, which know nothing of dark mode: a ground becomes dark there as the words on it become
//! light, and words of MJML without a colour become light as their ground becomes dark.

use super::tag::tag_length;

/// Markup of which every element with a ground of its own has that of panels in dark mode.
pub fn on_panels(html: &str) -> String {
    with_attribute(html, " class=\"c-panel\"", |tag| {
        let has_ground = tag.contains("background") || tag.contains("bgcolor=");
        has_ground && !tag.contains(" class=")
    })
}

/// MJML whose texts follow dark mode, unless they or the ground below them have a colour of the author's.
pub fn with_dark_words(mjml: &str) -> String {
    if mjml.contains("background") {
        return mjml.to_owned();
    }
    with_attribute(mjml, " css-class=\"c-own\"", |tag| {
        let is_text = ["<mj-text", "<mj-table", "<mj-social"].iter().any(|name| {
            tag.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        });
        is_text && !tag.contains("css-class=") && !tag.contains(" color=")
    })
}

/// Puts `attribute` behind the name of each element whose tag, up to its `>`, is `wanted`.
fn with_attribute(markup: &str, attribute: &str, wanted: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let end = found[..tag_length(found)].trim_end_matches('>').len();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let name = found[1..].find(|c| !is_name(c)).map_or(found.len(), |length| length + 1);
        let is_wanted = name > 1 && name <= end && wanted(&found[..end]);
        out.push_str(&found[..name]);
        out.push_str(if is_wanted { attribute } else { "" });
        rest = &found[name..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_with_a_ground_is_a_panel_in_dark_mode() {
        let html = "<!-- background --><div style=\"background-color:#fff\">background <p>x</p></div>";
        assert_eq!(on_panels(html), html.replace("<div", "<div class=\"c-panel\""));
        let table = "<table bgcolor=\"#eee\"><tr><td>é</td></tr></table>";
        assert_eq!(on_panels(table), table.replace("<table", "<table class=\"c-panel\""));
        for kept in
            ["a < b", "<p>x</p>", "</div background", "<", "<div class=\"x\" style=\"background:red\">"]
        {
            assert_eq!(on_panels(kept), kept);
        }
    }

    #[test]
    fn words_of_mjml_follow_dark_mode_unless_they_have_colours() {
        let mjml =
            "<mj-text align=\"center\">x</mj-text><mj-text color=\"#111111\">y</mj-text><mj-text>z</mj-text>";
        let own = with_dark_words(mjml);
        assert_eq!(own.matches("<mj-text css-class=\"c-own\"").count(), 2, "{own}");
        let ground =
            "<mj-section background-color=\"#fff\"><mj-column><mj-text>x</mj-text></mj-column></mj-section>";
        assert_eq!(with_dark_words(ground), ground);
    }
}

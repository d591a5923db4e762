//! Where an issue can be read on the web.

use super::escape;
use crate::model::issue::Issue;

/// What may stand in `web_version` of the settings.
pub const PLACEHOLDERS: [&str; 3] = ["{id}", "{number}", "{date}"];

/// `web_version` of the front matter, else that of the settings with the issue's own id, number and date. `None`
/// where neither says it, or where the issue has no number or date to put in.
pub fn web_version(issue: &Issue, pattern: Option<&str>) -> Option<String> {
    if let Some(own) = &issue.front.web_version {
        return Some(own.value.clone());
    }
    let number = issue.front.number.as_ref().map(|number| number.value.to_string());
    let date = issue.front.date.as_ref().map(|date| date.value.to_string());
    let values = [Some(issue.id.0.clone()), number, date];
    PLACEHOLDERS.into_iter().zip(values).try_fold(pattern?.to_owned(), |address, (placeholder, value)| {
        match address.contains(placeholder) {
            true => Some(address.replace(placeholder, &encoded(&value?))),
            false => Some(address),
        }
    })
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    escape::component(text, "", &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::testing::issue;
    use crate::model::issue::At;

    #[test]
    fn the_address_is_made_of_what_the_issue_is_called() {
        let mut issue = issue("Hi.");
        let pattern = Some("https://example.org/{number}/{id}");
        assert_eq!(web_version(&issue, pattern), None);
        issue.front.number = Some(At::new(12, 0..0));
        issue.id.0 = "tea time".to_owned();
        assert_eq!(web_version(&issue, pattern).as_deref(), Some("https://example.org/12/tea%20time"));
        assert_eq!(web_version(&issue, None), None);
    }

    #[test]
    fn the_front_matter_goes_before_the_settings() {
        let mut issue = issue("Hi.");
        issue.front.web_version = Some(At::new("https://example.org/own".to_owned(), 0..0));
        let address = web_version(&issue, Some("https://example.org/{number}"));
        assert_eq!(address.as_deref(), Some("https://example.org/own"));
    }
}

//! The keys of a profile, out of the text of `~/.aws/credentials` or `~/.aws/config`.

use secrecy::SecretString;

use super::sigv4::AwsKeys;

/// The keys of the profile `name`; in `config` its heading is `[profile NAME]`. `None` if it is not there or has no
/// keys of its own.
pub fn keys(text: &str, name: &str) -> Option<AwsKeys> {
    let get = |key: &str| section(text, name).find(|(found, _)| *found == key).map(|(_, value)| value);
    Some(AwsKeys {
        access: get("aws_access_key_id")?.to_owned(),
        secret: SecretString::from(get("aws_secret_access_key")?),
        session: get("aws_session_token").map(SecretString::from),
    })
}

fn section<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
    lines
        .skip_while(move |line| heading(line) != Some(name))
        .skip(1)
        .take_while(|line| heading(line).is_none())
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .filter(|(_, value)| !value.is_empty())
}

fn heading(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?.split(']').next()?.trim();
    Some(inside.strip_prefix("profile ").unwrap_or(inside).trim())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const FILE: &str = "# keys\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key = one/+=\n\n\
        [profile work]\nregion=eu-central-1\naws_access_key_id=AKIA2\naws_secret_access_key=two\n\
        aws_session_token=three\n[half]\naws_access_key_id=AKIA3\n";

    #[test]
    fn each_profile_has_its_own_keys() {
        let default = keys(FILE, "default").unwrap();
        assert_eq!((default.access.as_str(), default.secret.expose_secret()), ("AKIA1", "one/+="));
        assert!(default.session.is_none());
        let work = keys(FILE, "work").unwrap();
        assert_eq!((work.access.as_str(), work.session.unwrap().expose_secret()), ("AKIA2", "three"));
    }

    #[test]
    fn half_a_pair_and_a_profile_that_is_not_there_are_no_keys() {
        assert!(
            keys(FILE, "half").is_none() && keys(FILE, "other").is_none() && keys("", "default").is_none()
        );
    }
}

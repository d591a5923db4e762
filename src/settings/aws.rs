//! Where Amazon's keys may be found, by the names that its own tools give to variables and files.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

/// What the environment says of Amazon's keys. Nothing of it is opened here.
#[derive(Debug, Clone, Default)]
pub struct AwsEnvironment {
    pub keys: Option<EnvironmentKeys>,
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// The files with profiles, in the order in which they are asked.
    pub files: Vec<PathBuf>,
    /// Where a container asks for the keys of its role.
    pub container: Option<Container>,
    /// Where a machine asks for those of its own; `None` where that is switched off.
    pub machine: Option<String>,
}

/// Keys that stand in variables.
#[derive(Debug, Clone)]
pub struct EnvironmentKeys {
    pub access: String,
    pub secret: SecretString,
    pub session: Option<SecretString>,
}

#[derive(Debug, Clone)]
pub struct Container {
    pub url: String,
    pub token: Option<SecretString>,
    /// Its content is the token, and changes.
    pub token_file: Option<PathBuf>,
}

/// The metadata service of EC2.
const MACHINE: &str = "http://169.254.169.254";
/// That of ECS, for a relative URI.
const CONTAINER: &str = "http://169.254.170.2";

impl AwsEnvironment {
    pub fn read(get: impl Fn(&str) -> Option<String>) -> AwsEnvironment {
        AwsEnvironment {
            keys: keys(&get),
            profile: get("AWS_PROFILE"),
            files: files(&get),
            container: container(&get),
            machine: machine(&get),
        }
    }
}

fn keys(get: &impl Fn(&str) -> Option<String>) -> Option<EnvironmentKeys> {
    Some(EnvironmentKeys {
        access: get("AWS_ACCESS_KEY_ID")?.trim().to_owned(),
        secret: SecretString::from(get("AWS_SECRET_ACCESS_KEY")?.trim()),
        session: get("AWS_SESSION_TOKEN").map(|token| SecretString::from(token.trim())),
    })
}

fn files(get: &impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let home = get("HOME").or_else(|| get("USERPROFILE")).map(|home| PathBuf::from(home).join(".aws"));
    let file = |variable: &str, name: &str| {
        get(variable).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(name)))
    };
    [file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), file("AWS_CONFIG_FILE", "config")]
        .into_iter()
        .flatten()
        .collect()
}

fn container(get: &impl Fn(&str) -> Option<String>) -> Option<Container> {
    let relative = get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map(|path| format!("{CONTAINER}{path}"));
    let url = relative.or_else(|| get("AWS_CONTAINER_CREDENTIALS_FULL_URI"))?;
    is_near(&url).then(|| Container {
        url,
        token: get("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(SecretString::from),
        token_file: get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(PathBuf::from),
    })
}

/// Keys travel without TLS only within the machine and to the services that stand beside it.
fn is_near(url: &str) -> bool {
    const NEAR: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
    Url::parse(url).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let is_loopback = super::transport_url::is_loopback(host.trim_matches(['[', ']']));
        url.scheme() == "https" || (url.scheme() == "http" && (is_loopback || NEAR.contains(&host)))
    })
}

fn machine(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let is_off = get("AWS_EC2_METADATA_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"));
    let own = get("AWS_EC2_METADATA_SERVICE_ENDPOINT").map(|url| url.trim_end_matches('/').to_owned());
    (!is_off).then(|| own.unwrap_or_else(|| MACHINE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> AwsEnvironment {
        AwsEnvironment::read(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_variables_of_amazons_own_tools_are_read() {
        let aws = read(&[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_PROFILE", "work"),
            ("HOME", "/home/us"),
            ("AWS_CONFIG_FILE", "/etc/aws"),
        ]);
        assert_eq!(aws.keys.unwrap().access, "AKIA");
        assert_eq!(aws.profile.as_deref(), Some("work"));
        assert_eq!(aws.files, [PathBuf::from("/home/us/.aws/credentials"), PathBuf::from("/etc/aws")]);
        assert_eq!(aws.machine.as_deref(), Some(MACHINE));
    }

    #[test]
    fn half_a_pair_is_no_key_and_the_machine_can_be_left_alone() {
        let aws = read(&[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        assert!(aws.keys.is_none() && aws.machine.is_none() && aws.files.is_empty());
    }

    #[test]
    fn a_container_asks_for_keys_only_nearby() {
        let at = |url: &str| read(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)]).container.is_some();
        assert!(at("http://169.254.170.23/v1/credentials") && at("https://keys.example.org/"));
        assert!(at("http://127.0.0.1:4010/keys") && at("http://[fd00:ec2::23]/v1"));
        assert!(!at("http://keys.example.org/") && !at("ftp://127.0.0.1/"));
        let relative = read(&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")]);
        assert_eq!(relative.container.unwrap().url, "http://169.254.170.2/v2/x");
    }
}

//! Which addresses are Amazon's: a message names where its certificate lies, and anybody can write a message.

use url::Url;

use super::super::Refused;

/// The address of a signing certificate: of SNS in the region of `topic` (an ARN), under the name that such files have,
/// and nothing else.
pub fn certificate(text: &str, topic: &str) -> Result<Url, Refused> {
    let foreign = |why: &str| Refused::Certificate(why.to_owned());
    let url = Url::parse(text).map_err(|_| foreign("its address is none"))?;
    require_amazon(&url)?;
    if url.host_str().and_then(region) != topic.split(':').nth(3) {
        return Err(foreign("it lies in another region than the topic"));
    }
    let file = url.path().strip_prefix("/SimpleNotificationService-").and_then(|it| it.strip_suffix(".pem"));
    let is_file =
        file.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match is_file && url.query().is_none() {
        true => Ok(url),
        false => Err(foreign("its file is not named as those of SNS are")),
    }
}

/// Fails unless it is https at `sns.REGION.amazonaws.com` (or `.com.cn`), on the usual port, without a login.
pub fn require_amazon(url: &Url) -> Result<(), Refused> {
    let is_plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    match is_plain && url.host_str().is_some_and(is_host) {
        true => Ok(()),
        false => Err(Refused::Certificate("its address is not one of Amazon SNS".to_owned())),
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    region(host).is_some_and(|region| !region.is_empty() && region.bytes().all(is_label))
}

fn region(host: &str) -> Option<&str> {
    let rest = host.strip_prefix("sns.")?;
    rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_of_amazon_sns_are_fetched() {
        for good in [
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a1b.pem",
        ] {
            let region = good["https://sns.".len()..].split('.').next().unwrap();
            let topic = |region| format!("arn:aws:sns:{region}:1:mail");
            assert!(certificate(good, &topic(region)).is_ok(), "{good}");
            assert!(certificate(good, &topic("us-east-1")).is_err(), "{good} of another region");
        }
        for bad in [
            "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0a1b.pem",
            "https://sns.evil.example/SimpleNotificationService-0a1b.pem",
            "https://bucket.s3.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.a.b.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns..amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0a1b.pem",
            "https://me@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem?x=1",
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-../x.pem",
            "https://sns.eu-west-1.amazonaws.com/other.pem",
            "https://evil.example/#@sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a.pem",
            "file:///SimpleNotificationService-0a1b.pem",
            "",
        ] {
            assert!(certificate(bad, "arn:aws:sns:eu-west-1:1:mail").is_err(), "{bad}");
        }
    }
}

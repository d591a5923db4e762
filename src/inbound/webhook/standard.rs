//! Standard Webhooks, as Svix sends them for Resend: an HMAC-SHA256 over id, time and raw body.

use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE64;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::{FRESH, Posted, Refused, is_fresh};
use crate::settings::webhooks::signing_key;

/// The id of the message, once one of its signatures was made with one of the keys: while a key is changed,
/// each side may have two.
pub fn verify<'a>(keys: &[SecretString], posted: Posted<'a>, now: Timestamp) -> Result<&'a str, Refused> {
    let Stamp { id, time, signatures } = stamp(posted, now)?;
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", posted.body].concat();
    let is_ours = keys.iter().any(|key| is_signed(key, &signed, signatures));
    if is_ours { Ok(id) } else { Err(Refused::Unproven) }
}

/// What the headers say, which nothing proves yet.
pub struct Stamp<'a> {
    id: &'a str,
    time: &'a str,
    signatures: &'a str,
}

/// Fails unless there is a signature of just now.
pub fn stamp(posted: Posted<'_>, now: Timestamp) -> Result<Stamp<'_>, Refused> {
    let header = |name: &str| {
        let (svix, standard) = (format!("svix-{name}"), format!("webhook-{name}"));
        let name = if posted.headers.contains_key(&svix) { svix } else { standard };
        posted.headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Refused::Unproven)
    };
    let (id, time, signatures) = (header("id")?, header("timestamp")?, header("signature")?);
    if !signatures.split(' ').any(|one| one.starts_with("v1,")) {
        return Err(Refused::Unproven);
    }
    let at = time.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    is_fresh(at.ok_or(Refused::Stale)?, now, FRESH)?;
    Ok(Stamp { id, time, signatures })
}

/// `signatures` are `v1,BASE64`, between spaces; other versions are passed over.
fn is_signed(key: &SecretString, signed: &[u8], signatures: &str) -> bool {
    let Some(key) = signing_key(key.expose_secret()) else { return false };
    let ours = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed);
    let theirs =
        signatures.split(' ').filter_map(|one| BASE64.decode(one.strip_prefix("v1,")?.as_bytes()).ok());
    theirs.into_iter().any(|theirs| constant_time::verify_slices_are_equal(ours.as_ref(), &theirs).is_ok())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    /// From the specification: standard-webhooks, its vector.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn verified(secrets: &[&str], signature: &str, body: &[u8], now: i64) -> Result<String, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap());
        headers.insert("svix-timestamp", "1614265330".parse().unwrap());
        headers.insert("svix-signature", signature.parse().unwrap());
        let keys: Vec<SecretString> = secrets.iter().map(|secret| (*secret).into()).collect();
        let posted = Posted { headers: &headers, body };
        verify(&keys, posted, Timestamp::from_second(now).unwrap()).map(str::to_owned)
    }

    #[test]
    fn the_vector_of_the_specification_verifies() {
        let id = verified(&[SECRET], SIGNATURE, BODY, 1_614_265_330).unwrap();
        assert_eq!(id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    }

    #[test]
    fn while_a_key_is_changed_either_side_may_have_two() {
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let two = format!("v1,AAAA v2,zzz {SIGNATURE}");
        assert!(verified(&[other, SECRET], &two, BODY, 1_614_265_330).is_ok());
        assert_eq!(verified(&[other], &two, BODY, 1_614_265_330), Err(Refused::Unproven));
    }

    #[test]
    fn a_changed_body_and_a_time_that_is_five_minutes_off_are_refused() {
        let body = br#"{"test":2432232314}"#;
        assert_eq!(verified(&[SECRET], SIGNATURE, body, 1_614_265_330), Err(Refused::Unproven));
        for (seconds, fits) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let told = verified(&[SECRET], SIGNATURE, BODY, 1_614_265_330 + seconds);
            assert_eq!(told.is_ok(), fits, "{seconds}");
        }
    }
}

//! A user and password, a bearer token or a header of one's own (RFC 7617, RFC 6750).

use aws_lc_rs::constant_time;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::{Posted, Refused};
use crate::settings::webhooks::Credential;

/// Fails unless the request carries the credential.
pub fn verify(own: &Credential, posted: Posted<'_>) -> Result<(), Refused> {
    match own {
        Credential::Basic { user, password } => {
            let own = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
            let told = after(posted.header("authorization")?, "basic ")?;
            let told = BASE64.decode(told.as_bytes()).map_err(|_| Refused::Unproven)?;
            same(own.as_bytes(), &told)
        }
        Credential::Bearer(token) => {
            let told = after(posted.header("authorization")?, "bearer ")?;
            same(token.expose_secret().as_bytes(), told.as_bytes())
        }
        Credential::Header { name, value } => {
            same(value.expose_secret().as_bytes(), posted.header(name)?.as_bytes())
        }
    }
}

/// What stands behind the scheme, which is the same in upper case.
fn after<'a>(header: &'a str, scheme: &str) -> Result<&'a str, Refused> {
    let (head, rest) = header.split_at_checked(scheme.len()).ok_or(Refused::Unproven)?;
    if head.eq_ignore_ascii_case(scheme) { Ok(rest.trim()) } else { Err(Refused::Unproven) }
}

/// Takes as long whatever differs, even the length.
fn same(own: &[u8], told: &[u8]) -> Result<(), Refused> {
    let (own, told) = (digest(&SHA256, own), digest(&SHA256, told));
    constant_time::verify_slices_are_equal(own.as_ref(), told.as_ref()).map_err(|_| Refused::Unproven)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn told(own: &Credential, headers: &[(&'static str, &str)]) -> Result<(), Refused> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        verify(own, Posted { headers: &map, body: b"" })
    }

    #[test]
    fn a_user_and_password_are_compared_as_a_whole() {
        let own = Credential::Basic { user: "hook".into(), password: "pass:word".into() };
        let basic = |text: &str| format!("Basic {}", BASE64.encode(text.as_bytes()));
        assert!(told(&own, &[("authorization", &basic("hook:pass:word"))]).is_ok());
        for wrong in [basic("hook:pass"), basic("hook"), "Basic !".into(), "Bas".into(), "Bearer x".into()] {
            assert_eq!(told(&own, &[("authorization", &wrong)]), Err(Refused::Unproven), "{wrong}");
        }
        assert_eq!(told(&own, &[]), Err(Refused::Unproven));
    }

    #[test]
    fn a_bearer_token_and_an_own_header_must_stand_there_once() {
        let own = Credential::Bearer("tok".into());
        assert!(told(&own, &[("authorization", "bearer tok")]).is_ok());
        let twice = [("authorization", "bearer tok"), ("authorization", "bearer tok")];
        assert!(told(&own, &twice).is_err());
        let own = Credential::Header { name: "x-own".into(), value: "v".into() };
        assert!(told(&own, &[("x-own", "v")]).is_ok());
        assert!(told(&own, &[("x-own", "V")]).is_err());
    }
}

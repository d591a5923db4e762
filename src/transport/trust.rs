//! Whom we believe to be who they say: TLS by rustls and aws-lc-rs, 1.2 or 1.3, the certificate always checked.

use std::path::Path;
use std::sync::Arc;

use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::model::attempt::{Broken, Phase};

/// Trusts the authorities that browsers trust, and those in the PEM file `ca`. Fails if the file cannot be read or
/// holds no certificate.
pub fn trusting(ca: Option<&Path>) -> Result<ClientConfig, Broken> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca {
        add_roots(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| hopeless(format!("TLS cannot be set up: {error}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add_roots(roots: &mut RootCertStore, path: &Path) -> Result<(), Broken> {
    let unreadable = |error: &dyn std::fmt::Display| {
        hopeless(format!("the certificates in `{}` cannot be used: {error}", path.display()))
    };
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add(certificate).map_err(|error| unreadable(&error))?;
    }
    if roots.len() == before {
        return Err(unreadable(&"there is none in it"));
    }
    Ok(())
}

/// Why a certificate is not accepted.
pub fn distrust(host: &str, why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of `{host}` has expired")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate is not for `{host}`")
        }
        CertificateError::UnknownIssuer => {
            format!("the certificate of `{host}` is signed by nobody we trust (`tls_ca` names more)")
        }
        other => format!("the certificate of `{host}` is not accepted: {other}"),
    }
}

fn hopeless(cause: String) -> Broken {
    Broken::hopeless(Phase::Tls, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_file_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        for (content, why) in [(None, "cannot be used"), (Some("not a certificate"), "there is none in it")] {
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let broken = trusting(Some(&path)).err().unwrap();
            assert!(broken.cause.contains(why) && broken.cause.contains("ca.pem"), "{broken}");
            assert!(!broken.may_pass);
            assert_eq!(broken.phase, Phase::Tls);
        }
    }
}

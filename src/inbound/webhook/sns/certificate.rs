//! A signing certificate of SNS.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage};

use super::super::Refused;
use super::message::Version;

/// A certificate and those that vouch for it, in the order of the file.
#[derive(Debug)]
pub struct Certificate {
    own: CertificateDer<'static>,
    issuers: Vec<CertificateDer<'static>>,
}

impl Certificate {
    pub fn read(pem: &[u8]) -> Result<Certificate, Refused> {
        let all: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let mut all = all.map_err(|_| distrusted("it is no PEM"))?.into_iter();
        let own = all.next().ok_or_else(|| distrusted("the file holds none"))?;
        Ok(Certificate { own, issuers: all.collect() })
    }

    pub fn open(path: &Path) -> Result<Certificate, Refused> {
        let pem = std::fs::read(path);
        let pem = pem.map_err(|error| Refused::Unreachable(format!("{}: {error}", path.display())))?;
        Certificate::read(&pem)
    }

    /// Fails unless it is of SNS and of today, and the issuers in its file lead to a root that browsers trust.
    /// Amazon's files mostly hold the certificate alone: then its place vouches for it, which TLS has proven.
    pub fn require_valid(&self, now: Timestamp) -> Result<(), Refused> {
        let own = self.parsed()?;
        if !own.valid_dns_names().any(is_sns) {
            return Err(distrusted("it is not of Amazon SNS"));
        }
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let roots = webpki_roots::TLS_SERVER_ROOTS;
        let usage = KeyUsage::server_auth();
        match own.verify_for_usage(ALL_VERIFICATION_ALGS, roots, &self.issuers, now, usage, None, None) {
            Ok(_) => Ok(()),
            Err(Error::UnknownIssuer) if self.issuers.is_empty() => Ok(()),
            Err(error) => Err(distrusted(&error.to_string())),
        }
    }

    /// Fails unless its key signed `text`.
    pub fn require_signed(&self, version: Version, text: &str, signature: &[u8]) -> Result<(), Refused> {
        let algorithm = match version {
            Version::One => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::Two => &RSA_PKCS1_2048_8192_SHA256,
        };
        let key = self.parsed()?.subject_public_key_info();
        let key = UnparsedPublicKey::new(algorithm, key.as_ref());
        key.verify(text.as_bytes(), signature).map_err(|_| Refused::Unproven)
    }

    fn parsed(&self) -> Result<EndEntityCert<'_>, Refused> {
        EndEntityCert::try_from(&self.own).map_err(|error| distrusted(&error.to_string()))
    }
}

fn is_sns(name: &str) -> bool {
    name.starts_with("sns") && (name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"))
}

fn distrusted(why: &str) -> Refused {
    Refused::Certificate(why.to_owned())
}

/// The roots that browsers trust.
pub fn tls() -> Result<rustls::ClientConfig, Refused> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| Refused::Unreachable(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

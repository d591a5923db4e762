//! What of a letter its provider does not let through, or writes anew.

use super::transport::{TransportKind, TransportSettings};
use crate::model::provider::Provider;

/// Header fields that do not arrive as they were written, by the documentation of November 2026.
pub fn headers(provider: Provider) -> &'static [&'static str] {
    match provider {
        // Letters arrive byte for byte.
        Provider::Mailgun | Provider::Sparkpost => &[],
        Provider::Ses => &["Message-ID", "Date"],
        Provider::Postmark | Provider::Resend | Provider::Sendgrid => {
            &["Message-ID", "Date", "DKIM-Signature"]
        }
        Provider::Mailjet => &["Message-ID", "Date", "DKIM-Signature", "List-Id"],
        // It says that standard fields are not supported, and writes the names of others in its own way.
        Provider::Brevo => {
            &["Message-ID", "Date", "DKIM-Signature", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id"]
        }
    }
}

/// Whether a signature of ours would still be good where the letter arrives: it covers Message-ID and Date.
pub fn keeps_signature(transport: &TransportSettings) -> bool {
    match &transport.kind {
        TransportKind::Outbox(_) | TransportKind::Smtp(_) => true,
        TransportKind::Http(http) => headers(http.provider).is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_providers_that_take_bytes_keep_all() {
        let keeps = |provider: &&Provider| headers(**provider).is_empty();
        let all: Vec<&Provider> = Provider::ALL.iter().filter(keeps).collect();
        assert_eq!(all, [&Provider::Mailgun, &Provider::Sparkpost]);
    }
}

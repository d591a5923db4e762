//! The services whose HTTP API takes letters.

/// A provider, by the name that its URLs, tags and webhooks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    Ses,
    Postmark,
    Mailgun,
    Sendgrid,
    Resend,
    Brevo,
    Sparkpost,
    Mailjet,
}

/// The fields that SendGrid reserves: <https://www.twilio.com/docs/sendgrid/for-developers/sending-email/personalizations>.
const SENDGRID: [&str; 12] = [
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
];

/// <https://dev.mailjet.com/email/guides/send-api-v31/>, of those that a letter could have.
const MAILJET: [&str; 7] =
    ["list-id", "sender", "return-path", "user-agent", "x-mailer", "x-feedback-id", "x-csa-complaints"];

impl Provider {
    pub const ALL: [Provider; 8] = [
        Provider::Ses,
        Provider::Postmark,
        Provider::Mailgun,
        Provider::Sendgrid,
        Provider::Resend,
        Provider::Brevo,
        Provider::Sparkpost,
        Provider::Mailjet,
    ];

    /// In lower case, as in URLs and settings.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Ses => "ses",
            Provider::Postmark => "postmark",
            Provider::Mailgun => "mailgun",
            Provider::Sendgrid => "sendgrid",
            Provider::Resend => "resend",
            Provider::Brevo => "brevo",
            Provider::Sparkpost => "sparkpost",
            Provider::Mailjet => "mailjet",
        }
    }

    pub fn from_name(name: &str) -> Option<Provider> {
        Provider::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// Whether its API refuses this field of a letter, or sets it itself: a letter goes without it.
    pub fn drops(self, field: &str) -> bool {
        let field = field.to_ascii_lowercase();
        match self {
            Provider::Sendgrid => SENDGRID.contains(&field.as_str()),
            // Its own instructions travel among the fields.
            Provider::Brevo => matches!(field.as_str(), "sender.ip" | "idempotencykey" | "x-sib-sandbox"),
            Provider::Ses
            | Provider::Postmark
            | Provider::Mailgun
            | Provider::Resend
            | Provider::Sparkpost => false,
            Provider::Mailjet => MAILJET.contains(&field.as_str()),
        }
    }

    /// As it writes itself.
    pub fn title(self) -> &'static str {
        match self {
            Provider::Ses => "Amazon SES",
            Provider::Postmark => "Postmark",
            Provider::Mailgun => "Mailgun",
            Provider::Sendgrid => "SendGrid",
            Provider::Resend => "Resend",
            Provider::Brevo => "Brevo",
            Provider::Sparkpost => "SparkPost",
            Provider::Mailjet => "Mailjet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_round_trip_through_their_names() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()), Some(provider));
        }
        assert_eq!(Provider::from_name("Resend"), None);
    }
}

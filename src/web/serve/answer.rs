//! What each provider has to hear so that it comes again, or does not.

use hyper::StatusCode;

use crate::inbound::webhook::Refused;
use crate::model::provider::Provider;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// On disk.
    Taken,
    Refused(Refused),
    /// Forged from an older one.
    Replayed,
    /// More comes than can be taken.
    Crowded,
    /// The ledger cannot be used just now.
    Trouble,
    TooLarge,
    /// The body did not come in time.
    TooSlow,
}

impl Verdict {
    /// Whether the provider should come again.
    fn is_passing(&self) -> bool {
        match self {
            Verdict::Crowded | Verdict::Trouble | Verdict::TooSlow => true,
            Verdict::Refused(Refused::Unreachable(_) | Refused::NotReady) => true,
            Verdict::Taken | Verdict::Refused(_) | Verdict::Replayed | Verdict::TooLarge => false,
        }
    }

    /// After how many seconds, where it should.
    pub fn retry_after(&self) -> Option<u32> {
        self.is_passing().then_some(if *self == Verdict::Crowded { 10 } else { 60 })
    }

    pub fn status(&self, provider: Provider) -> StatusCode {
        match (self, provider) {
            (Verdict::Taken, _) => StatusCode::OK,
            (Verdict::Crowded, _) => StatusCode::TOO_MANY_REQUESTS,
            // Brevo forgets an event after any other answer that is not 2xx.
            (passing, Provider::Brevo) if passing.is_passing() => StatusCode::TOO_MANY_REQUESTS,
            (passing, _) if passing.is_passing() => StatusCode::SERVICE_UNAVAILABLE,
            (Verdict::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
            // A wrong key may be ours, and mended within hours: Postmark ends its tries after 403, Mailgun after 406.
            (Verdict::Refused(Refused::Unproven), Provider::Brevo) => StatusCode::TOO_MANY_REQUESTS,
            (Verdict::Refused(Refused::Unproven), _) => StatusCode::UNAUTHORIZED,
            (Verdict::Refused(_) | Verdict::Replayed, Provider::Mailgun) => StatusCode::NOT_ACCEPTABLE,
            (Verdict::Refused(Refused::Malformed(_)), _) => StatusCode::BAD_REQUEST,
            (Verdict::Replayed, _) => StatusCode::CONFLICT,
            (Verdict::Refused(_), _) => StatusCode::FORBIDDEN,
            (Verdict::Trouble | Verdict::TooSlow, _) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(verdict: Verdict, provider: Provider) -> u16 {
        verdict.status(provider).as_u16()
    }

    #[test]
    fn our_own_trouble_makes_every_provider_come_again() {
        for provider in Provider::ALL {
            let expected = if provider == Provider::Brevo { 429 } else { 503 };
            for verdict in [Verdict::Trouble, Verdict::TooSlow, Verdict::Refused(Refused::NotReady)] {
                assert!(verdict.retry_after().is_some());
                assert_eq!(status(verdict, provider), expected, "{provider:?}");
            }
            assert_eq!(status(Verdict::Crowded, provider), 429);
            assert_eq!(status(Verdict::Taken, provider), 200);
        }
    }

    #[test]
    fn a_credential_that_may_be_wrong_on_our_side_ends_no_provider_s_tries() {
        for provider in Provider::ALL {
            let expected = if provider == Provider::Brevo { 429 } else { 401 };
            assert_eq!(status(Verdict::Refused(Refused::Unproven), provider), expected, "{provider:?}");
        }
    }

    #[test]
    fn what_must_not_come_again_is_said_in_the_provider_s_own_way() {
        let refused = Verdict::Refused;
        assert_eq!(status(refused(Refused::Stale), Provider::Mailgun), 406);
        assert_eq!(status(Verdict::Replayed, Provider::Mailgun), 406);
        assert_eq!(status(refused(Refused::Malformed("x")), Provider::Mailgun), 406);
        assert_eq!(status(refused(Refused::Malformed("x")), Provider::Resend), 400);
        assert_eq!(status(refused(Refused::UnknownTopic), Provider::Ses), 403);
        assert_eq!(status(Verdict::TooLarge, Provider::Brevo), 413);
    }
}

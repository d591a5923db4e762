//! Why a request is not heard to its end, and what each provider has to hear so that it comes again, or does not.

use hyper::StatusCode;

use crate::inbound::webhook::Refused;
use crate::model::provider::Provider;

/// Why a request is not heard to its end, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindered {
    /// More comes than can be taken.
    Crowded,
    /// The ledger cannot be used just now.
    Trouble,
    TooLarge,
    /// The body did not come in time.
    TooSlow,
}

impl Hindered {
    pub fn status(self) -> StatusCode {
        match self {
            Hindered::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Hindered::Trouble | Hindered::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Hindered::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// After how many seconds whoever asked may come again, where that helps.
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Hindered::Crowded => Some(10),
            Hindered::Trouble | Hindered::TooSlow => Some(60),
            Hindered::TooLarge => None,
        }
    }

    /// Whether the connection ends with the answer, because what is left of the body is not read.
    pub fn closes(self) -> bool {
        self != Hindered::Trouble
    }
}

/// What became of a request of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// On disk.
    Taken,
    Refused(Refused),
    /// Forged from an older one.
    Replayed,
    Hindered(Hindered),
}

impl Verdict {
    /// After how many seconds the provider should come again, where it should.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Verdict::Hindered(hindered) => hindered.retry_after(),
            Verdict::Refused(Refused::Unreachable(_) | Refused::NotReady) => Some(60),
            Verdict::Taken | Verdict::Refused(_) | Verdict::Replayed => None,
        }
    }

    /// Whether the connection ends with the answer.
    pub fn closes(&self) -> bool {
        match self {
            Verdict::Hindered(hindered) => hindered.closes(),
            Verdict::Refused(_) => true,
            Verdict::Taken | Verdict::Replayed => false,
        }
    }

    pub fn status(&self, provider: Provider) -> StatusCode {
        match (self, provider) {
            (Verdict::Taken, _) => StatusCode::OK,
            // Brevo forgets an event after any other answer that is not 2xx.
            (passing, Provider::Brevo) if passing.retry_after().is_some() => StatusCode::TOO_MANY_REQUESTS,
            (Verdict::Hindered(hindered), _) => hindered.status(),
            (passing, _) if passing.retry_after().is_some() => StatusCode::SERVICE_UNAVAILABLE,
            // A wrong key may be ours, and mended within hours: Postmark ends its tries after 403, Mailgun after 406.
            (Verdict::Refused(Refused::Unproven), Provider::Brevo) => StatusCode::TOO_MANY_REQUESTS,
            (Verdict::Refused(Refused::Unproven), _) => StatusCode::UNAUTHORIZED,
            (Verdict::Refused(_) | Verdict::Replayed, Provider::Mailgun) => StatusCode::NOT_ACCEPTABLE,
            (Verdict::Refused(Refused::Malformed(_)), _) => StatusCode::BAD_REQUEST,
            (Verdict::Replayed, _) => StatusCode::CONFLICT,
            (Verdict::Refused(_), _) => StatusCode::FORBIDDEN,
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
            let ours = [Hindered::Trouble, Hindered::TooSlow].map(Verdict::Hindered);
            for verdict in ours.into_iter().chain([Verdict::Refused(Refused::NotReady)]) {
                assert!(verdict.retry_after().is_some());
                assert_eq!(status(verdict, provider), expected, "{provider:?}");
            }
            assert_eq!(status(Verdict::Hindered(Hindered::Crowded), provider), 429);
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
        assert_eq!(status(Verdict::Hindered(Hindered::TooLarge), Provider::Brevo), 413);
    }
}

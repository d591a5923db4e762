//! What each provider asks for and answers, as its documentation says it.

use serde_json::{Value, json};

use super::wire::{Answer, Request};

/// Who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Resend,
    Postmark,
    Sendgrid,
    Brevo,
}

/// A letter in a call.
pub struct Letter {
    pub to: String,
    pub token: String,
}

impl Letter {
    /// What it does not write to.
    fn is_bad(&self) -> bool {
        self.to.starts_with("bad")
    }

    /// What it is known by from then on.
    fn id(&self) -> String {
        format!("id-{}", self.token)
    }
}

impl Family {
    /// Without its endpoint.
    pub fn url(self) -> &'static str {
        match self {
            Family::Resend => "resend://test_key",
            Family::Postmark => "postmark://test_key",
            Family::Sendgrid => "sendgrid://test_key",
            Family::Brevo => "brevo://test_key",
        }
    }

    pub fn takes_many(self) -> bool {
        matches!(self, Family::Resend | Family::Postmark)
    }

    pub fn is_signed(self, request: &Request) -> bool {
        let (name, value) = match self {
            Family::Resend | Family::Sendgrid => ("authorization", "Bearer test_key"),
            Family::Postmark => ("x-postmark-server-token", "test_key"),
            Family::Brevo => ("api-key", "test_key"),
        };
        request.headers.get(name).is_some_and(|given| given == value)
    }

    pub fn unauthorized(self) -> Answer {
        let body = match self {
            Family::Resend => {
                json!({"statusCode": 401, "name": "missing_api_key", "message": "Missing API key"})
            }
            Family::Postmark => json!({"ErrorCode": 10, "Message": "Bad or missing Server API token."}),
            Family::Sendgrid => {
                let message = "The provided authorization grant is invalid, expired, or revoked";
                json!({"errors": [{"message": message, "field": null, "help": null}]})
            }
            Family::Brevo => json!({"code": "unauthorized", "message": "Key not found"}),
        };
        Answer::json(401, &body.to_string())
    }

    /// What a repeated call is known by.
    pub fn key(self, request: &Request, body: &Value) -> Option<String> {
        match self {
            Family::Resend => request.headers.get("idempotency-key").cloned(),
            Family::Brevo => body["headers"]["idempotencyKey"].as_str().map(str::to_owned),
            Family::Postmark | Family::Sendgrid => None,
        }
    }

    /// What it answers to a key that it knows.
    pub fn repeated(self, is_same: bool, before: &Answer) -> Answer {
        match (self, is_same) {
            (Family::Brevo, _) => {
                let body =
                    json!({"code": "duplicate_parameter", "message": "The request was processed already"});
                Answer::json(400, &body.to_string())
            }
            (_, true) => before.clone(),
            (_, false) => {
                let message = "Same idempotency key used with a different request payload";
                let body =
                    json!({"statusCode": 409, "name": "invalid_idempotent_request", "message": message});
                Answer::json(409, &body.to_string())
            }
        }
    }

    pub fn letters(self, body: &Value) -> Vec<Letter> {
        // A letter with files is no array of letters, and an array may have none with files.
        let many = |body: &Value| body.as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match self {
            Family::Resend => {
                let one = |mail: &Value| Letter {
                    to: bare(&text(&mail["to"][0])),
                    token: text(&mail["tags"][0]["value"]),
                };
                many(body).iter().map(one).collect()
            }
            Family::Postmark => {
                let one = |mail: &Value| Letter {
                    to: bare(&text(&mail["To"])),
                    token: text(&mail["Metadata"]["courant"]),
                };
                many(body).iter().map(one).collect()
            }
            Family::Sendgrid => {
                let whom = &body["personalizations"][0];
                vec![Letter {
                    to: text(&whom["to"][0]["email"]),
                    token: text(&whom["custom_args"]["courant"]),
                }]
            }
            Family::Brevo => {
                let custom = text(&body["headers"]["X-Mailin-custom"]);
                let token = custom.strip_prefix("courant:").unwrap_or_default().to_owned();
                vec![Letter { to: text(&body["to"][0]["email"]), token }]
            }
        }
    }

    /// Which letters of a call it takes, and what it says of them.
    pub fn judge(self, letters: &[Letter]) -> (Vec<&Letter>, Answer) {
        let any_bad = letters.iter().any(Letter::is_bad);
        match self {
            Family::Postmark => {
                let taken = letters.iter().filter(|letter| !letter.is_bad()).collect();
                let each: Vec<Value> = letters.iter().map(of_postmark).collect();
                (taken, Answer::json(200, &Value::from(each).to_string()))
            }
            _ if any_bad => (Vec::new(), self.refusal()),
            _ => (letters.iter().collect(), self.acceptance(letters)),
        }
    }

    fn refusal(self) -> Answer {
        let (status, body) = match self {
            Family::Resend | Family::Postmark => {
                let message =
                    "Invalid `to` field. The email address needs to follow the `email@example.com` format.";
                (422, json!({"statusCode": 422, "name": "validation_error", "message": message}))
            }
            Family::Sendgrid => {
                let field = "personalizations.0.to.0.email";
                let message = "Does not contain a valid address.";
                (400, json!({"errors": [{"message": message, "field": field, "help": null}]}))
            }
            Family::Brevo => {
                (400, json!({"code": "invalid_parameter", "message": "email is not valid in to"}))
            }
        };
        Answer::json(status, &body.to_string())
    }

    fn acceptance(self, letters: &[Letter]) -> Answer {
        let first = letters.first().map(Letter::id).unwrap_or_default();
        match self {
            Family::Resend | Family::Postmark => {
                let ids: Vec<Value> = letters.iter().map(|letter| json!({"id": letter.id()})).collect();
                Answer::json(200, &json!({"data": ids}).to_string())
            }
            Family::Sendgrid => Answer::json(202, "").with("x-message-id", &first),
            Family::Brevo => {
                let id = format!("<{first}@smtp-relay.example>");
                Answer::json(201, &json!({"messageId": id}).to_string())
            }
        }
    }
}

fn of_postmark(letter: &Letter) -> Value {
    match letter.is_bad() {
        false => json!({"ErrorCode": 0, "Message": "OK", "MessageID": letter.id(), "To": letter.to}),
        true => {
            let message = "You tried to send to recipient(s) that have been marked as inactive.";
            json!({"ErrorCode": 406, "Message": message})
        }
    }
}

/// The address of `"Name" <address>`.
fn bare(mailbox: &str) -> String {
    let (_, address) = mailbox.rsplit_once('<').unwrap_or(("", mailbox));
    address.trim_end_matches('>').to_owned()
}

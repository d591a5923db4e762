//! A running `courant serve`, and providers that post to it, signed as they sign.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{hmac, rsa};
use data_encoding::{BASE64, HEXLOWER};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::program::{Run, Running, start_and_hear};
use super::scratch::Scratch;

/// An answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a port of its own.
pub struct Serve {
    running: Running,
    /// `127.0.0.1:PORT`.
    pub host: String,
}

/// A request of a provider.
#[derive(Clone)]
pub struct Post {
    pub provider: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Serve {
    pub fn start(scratch: &Scratch) -> Serve {
        let (running, said) = start_and_hear("serve --listen 127.0.0.1:0", &scratch.path(""), PATIENCE);
        let host = said["url"].as_str().expect("it says where it is").trim_start_matches("http://");
        Serve { running, host: host.to_owned() }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket can be patient");
        stream
    }

    /// Asks as anybody may; `headers` are whole lines.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let mut stream = self.connect();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: \
             {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("the server reads");
        Answer::read(&mut stream)
    }

    /// The status of the answer.
    #[track_caller]
    pub fn post(&self, post: &Post) -> u16 {
        let mut stream = self.connect();
        stream.write_all(&post.bytes()).expect("the server reads");
        status(&mut stream)
    }

    pub fn get(&self, path: &str) -> u16 {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .expect("the server reads");
        status(&mut stream)
    }

    pub fn id(&self) -> u32 {
        self.running.id()
    }

    pub fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    pub fn finish(self) -> Run {
        self.running.finish()
    }

    pub fn kill(self) -> Run {
        self.running.kill()
    }
}

/// What is answered over the wire; the names of the headers in lower case.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    #[track_caller]
    fn read(stream: &mut TcpStream) -> Answer {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the server answers");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let head: Vec<String> = head.lines().map(in_lower_case).collect();
        Answer { status: status.expect("it has a status"), head: head.join("\n"), body: body.to_owned() }
    }

    /// Fails the test unless the status is this and the body holds the words.
    #[track_caller]
    pub fn says(&self, status: u16, words: &str) -> &Answer {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        assert!(self.body.contains(words), "`{words}` is not in:\n{}", self.body);
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

fn in_lower_case(line: &str) -> String {
    match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}", name.to_ascii_lowercase()),
        None => line.to_owned(),
    }
}

/// Memory of a running process by the word of Linux for it, such as `VmRSS` for what it holds and `VmHWM` for the most that it
/// ever held; in KiB.
pub fn memory(id: u32, what: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{id}/status")).expect("the process runs");
    let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).expect("Linux counts it")
}

impl Post {
    fn new(provider: &'static str, headers: &[(&str, &str)], body: String) -> Post {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Post { provider, headers: headers.collect(), body }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (provider, length) = (self.provider, self.body.len());
        format!(
            "POST /webhooks/{provider} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: \
             {length}\r\n\r\n{}",
            self.body
        )
        .into_bytes()
    }
}

/// The status of what is answered; what follows is read to its end.
#[track_caller]
pub fn status(stream: &mut TcpStream) -> u16 {
    let mut answer = Vec::new();
    // A server that does not read what is sent to it resets the connection behind its answer.
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {text} {read:?}"))
}

/// The keys of all providers, and the settings that fit them.
pub struct Providers {
    resend: [u8; 24],
    mailgun: &'static str,
    sendgrid: EcdsaKeyPair,
    ses: rsa::KeyPair,
    certificate: String,
}

pub const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mail";
const CREDENTIAL: &str = "Basic aG9vazpodW50ZXIy";
const P256_HEAD: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

impl Providers {
    pub fn new() -> Providers {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key can be made");
        let mut params = CertificateParams::new(["sns.amazonaws.com".to_owned()]).expect("it is a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Providers {
            resend: [7; 24],
            mailgun: "signing-key",
            sendgrid: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key can be made"),
            ses: rsa::KeyPair::from_pkcs8(&key.serialize_der()).expect("it is a key"),
            certificate: params.self_signed(&key).expect("it can be signed").pem(),
        }
    }

    /// The tables of all of them, the secrets in `.env`.
    pub fn configure(&self, scratch: Scratch) -> Scratch {
        let public = HEXLOWER.decode(P256_HEAD.as_bytes()).expect("it is hexadecimal");
        let public = BASE64.encode(&[&public, self.sendgrid.public_key().as_ref()].concat());
        let old = fs::read_to_string(scratch.path(".env")).unwrap_or_default();
        scratch.write(
            ".env",
            format!("{old}RESEND_SECRET=whsec_{}\nHOOK_PASSWORD=hunter2\n", BASE64.encode(&self.resend)),
        );
        scratch.write("sns.pem", &self.certificate);
        let basic = ["postmark", "brevo", "sparkpost", "mailjet"]
            .map(|name| format!("[webhooks.{name}]\nuser = \"hook\"\npassword = \"${{HOOK_PASSWORD}}\"\n"));
        scratch.settings(&format!(
            "[webhooks.resend]\nsecret = \"${{RESEND_SECRET}}\"\n[webhooks.mailgun]\nkey = \"{}\"\n\
             [webhooks.sendgrid]\nkey = \"{public}\"\n[webhooks.ses]\ntopics = [\"{TOPIC}\"]\ncertificate = \"sns.pem\"\n{}",
            self.mailgun,
            basic.concat()
        ))
    }

    /// An event as its provider posts it, signed at `now`; `number` is unlike that of any other message.
    pub fn post(&self, provider: &'static str, event: &Value, number: usize, now: i64) -> Post {
        match provider {
            "resend" => self.resend(event.to_string(), number, now),
            "mailgun" => self.mailgun(event, number, now),
            "sendgrid" => self.sendgrid(format!("[{event}]\r\n"), now),
            "ses" => self.ses(event, number, now),
            "sparkpost" => credited(provider, json!([{"msys": {"message_event": event}}]).to_string()),
            other => credited(other, event.to_string()),
        }
    }

    fn resend(&self, body: String, number: usize, now: i64) -> Post {
        let signed = format!("msg_{number}.{now}.{body}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.resend);
        let signature = format!("v1,{}", BASE64.encode(hmac::sign(&key, signed.as_bytes()).as_ref()));
        let (id, now) = (format!("msg_{number}"), now.to_string());
        let headers = [("svix-id", id.as_str()), ("svix-timestamp", &now), ("svix-signature", &signature)];
        Post::new("resend", &headers, body)
    }

    fn mailgun(&self, event: &Value, number: usize, now: i64) -> Post {
        let token = format!("token{number}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.mailgun.as_bytes());
        let signature = HEXLOWER.encode(hmac::sign(&key, format!("{now}{token}").as_bytes()).as_ref());
        let signature = json!({"timestamp": now.to_string(), "token": token, "signature": signature});
        Post::new("mailgun", &[], json!({"signature": signature, "event-data": event}).to_string())
    }

    fn sendgrid(&self, body: String, now: i64) -> Post {
        let signed = format!("{now}{body}");
        let signature =
            self.sendgrid.sign(&SystemRandom::new(), signed.as_bytes()).expect("it can be signed");
        let (signature, now) = (BASE64.encode(signature.as_ref()), now.to_string());
        let names = ["x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"];
        Post::new("sendgrid", &[(names[0], signature.as_str()), (names[1], &now)], body)
    }

    fn ses(&self, event: &Value, number: usize, now: i64) -> Post {
        self.sns(json!({
            "Type": "Notification", "MessageId": format!("m{number}"), "TopicArn": TOPIC,
            "Message": event.to_string(),
            "Timestamp": jiff::Timestamp::from_second(now).expect("it is a time").to_string(),
            "SignatureVersion": "2",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b.pem",
        }))
    }

    /// Signs a message of SNS.
    pub fn sns(&self, mut message: Value) -> Post {
        let kind = message["Type"].as_str().expect("it has a type").to_owned();
        let names = match kind.as_str() {
            "Notification" => vec!["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            _ => vec!["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
        };
        let text: String =
            names.iter().filter_map(|name| Some(format!("{name}\n{}\n", message[*name].as_str()?))).collect();
        let mut signature = vec![0; self.ses.public_modulus_len()];
        let signed = self.ses.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.expect("it can be signed");
        message["Signature"] = BASE64.encode(&signature).into();
        Post::new("ses", &[("x-amz-sns-message-type", kind.as_str())], message.to_string())
    }
}

fn credited(provider: &'static str, body: String) -> Post {
    Post::new(provider, &[("Authorization", CREDENTIAL)], body)
}

//! How an envelope is worded, and whether this server can be told of it at all.

use std::borrow::Cow;

use super::offers::Offers;
use crate::model::attempt::{Broken, Phase, Reply};
use crate::transport::Envelope;

/// MAIL, with the parameters that the server offers and the letter needs.
pub fn mail(envelope: &Envelope, offers: &Offers) -> Cow<'static, str> {
    let mut line = format!("MAIL FROM:<{}>", envelope.sender.wire());
    if let (true, Some(size)) = (offers.size, envelope.size) {
        line.push_str(&format!(" SIZE={size}"));
    }
    if envelope.sender.needs_smtputf8() || envelope.recipient.needs_smtputf8() {
        line.push_str(" SMTPUTF8");
        // Only then is a header, `To`, not ASCII; bodies always are.
        if offers.eight_bit_mime {
            line.push_str(" BODY=8BITMIME");
        }
    }
    if let (true, Some(id)) = (offers.dsn, &envelope.id) {
        // Whoever reads the report needs to know which letter it is about, not the letter.
        line.push_str(&format!(" RET=HDRS ENVID={}", xtext(id)));
    }
    line.push_str("\r\n");
    line.into()
}

/// RCPT; where the server takes it, with the wish to hear of failure, and of nothing else.
pub fn rcpt(envelope: &Envelope, offers: &Offers) -> Cow<'static, str> {
    let mut line = format!("RCPT TO:<{}>", envelope.recipient.wire());
    if offers.dsn && envelope.id.is_some() {
        line.push_str(" NOTIFY=FAILURE");
        // An address of other letters has a form of its own there (RFC 6533 3), which few servers know.
        if !envelope.recipient.needs_smtputf8() {
            line.push_str(&format!(" ORCPT=rfc822;{}", xtext(&envelope.recipient.wire())));
        }
    }
    line.push_str("\r\n");
    line.into()
}

/// RFC 3461 4: `+`, `=` and all that is no graphic ASCII as `+XX`.
fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'+' | b'=' => encoded.push_str(&format!("+{byte:02X}")),
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("+{byte:02X}")),
        }
    }
    encoded
}

pub fn data() -> Cow<'static, str> {
    "DATA\r\n".into()
}

/// Fails without a byte sent if the server cannot take one of the addresses.
pub fn sendable(envelope: &Envelope, offers: &Offers) -> Result<(), Broken> {
    for (phase, address) in [(Phase::Sender, &envelope.sender), (Phase::Recipient, &envelope.recipient)] {
        if address.wire().bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err(Broken::hopeless(phase, "the address holds a control character"));
        }
        if address.needs_smtputf8() && !offers.smtputf8 {
            return Err(no_smtputf8(phase));
        }
    }
    Ok(())
}

/// What RFC 6531 3.2 asks of a client, in the form in which a server would say it (5.6.7).
fn no_smtputf8(phase: Phase) -> Broken {
    let text = "5.6.7 the server takes no address with letters outside ASCII (no SMTPUTF8)";
    Broken::replied(phase, Reply::new(553, text))
}

/// Fails for a letter that the press never makes: one that lacks its last line end, or has a line that begins
/// with a dot, which SMTP would take for its own (RFC 5321 4.5.2) and by which a letter could end early.
pub fn writable(bytes: &[u8]) -> Result<(), Broken> {
    if !bytes.ends_with(b"\r\n") {
        return Err(Broken::hopeless(Phase::Body, "the letter does not end with a line end"));
    }
    if bytes.starts_with(b".") || memchr::memmem::find(bytes, b"\n.").is_some() {
        return Err(Broken::hopeless(Phase::Body, "a line of the letter begins with a dot"));
    }
    Ok(())
}

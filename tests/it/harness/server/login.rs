//! AUTH: PLAIN (RFC 4616), LOGIN and XOAUTH2, as far as a client's side can be proven by them.

use std::io;

use data_encoding::BASE64;

use super::wire::Wire;

/// Runs the exchange that `AUTH args` began; the user and the password or token that came out of it, or
/// `None` where the client sent no such thing or gave up.
pub(super) fn credentials(wire: &mut Wire, args: &str) -> io::Result<Option<(String, String)>> {
    let (mechanism, initial) = args.split_once(' ').unwrap_or((args, ""));
    match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => Ok(from_plain(&first_response(wire, initial)?)),
        "LOGIN" => from_login(wire, initial),
        "XOAUTH2" => Ok(from_xoauth2(&first_response(wire, initial)?)),
        _ => Ok(None),
    }
}

/// What a client is told after the wrong token, before the 535; it answers with an empty line.
pub(super) fn deny_token(wire: &mut Wire) -> io::Result<()> {
    let challenge = BASE64.encode(br#"{"status":"401","schemes":"bearer"}"#);
    ask(wire, &challenge).map(|_| ())
}

fn first_response(wire: &mut Wire, initial: &str) -> io::Result<Vec<u8>> {
    if initial.is_empty() { ask(wire, "") } else { Ok(decoded(initial)) }
}

fn ask(wire: &mut Wire, challenge: &str) -> io::Result<Vec<u8>> {
    wire.reply(&format!("334 {challenge}"))?;
    let line = wire.line()?;
    Ok(decoded(String::from_utf8_lossy(&line).trim()))
}

/// What is not base64 is no credential.
fn decoded(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).unwrap_or_default()
}

fn from_plain(response: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(response);
    let mut fields = text.split('\0').skip(1);
    Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
}

fn from_login(wire: &mut Wire, initial: &str) -> io::Result<Option<(String, String)>> {
    let user = if initial.is_empty() { ask(wire, "VXNlcm5hbWU6")? } else { decoded(initial) };
    let password = ask(wire, "UGFzc3dvcmQ6")?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Some((text(user), text(password))))
}

fn from_xoauth2(response: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(response);
    let field = |name: &str| text.split('\x01').find_map(|field| field.strip_prefix(name)).map(str::to_owned);
    Some((field("user=")?, field("auth=Bearer ")?))
}

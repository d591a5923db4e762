use super::*;
use crate::transport::Envelope;
use crate::transport::http::api::Letter;

const LETTER: &str = "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>\r\n\
    To: \"Ada, L.\" <ada@example.net>\r\n\
    Reply-To: answers@example.org\r\n\
    Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\
    Date: Mon, 30 Nov 2026 10:00:00 +0000\r\n\
    Message-ID: <one@example.org>\r\n\
    List-Unsubscribe: <https://example.org/u/abc>,\r\n <mailto:joerg@example.org?subject=unsubscribe%20abc>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=m\r\n\r\n\
    --m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
    --r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
    --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n\
    --a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=C3=BC=C3=9Fe</p>\r\n\
    --a--\r\n\
    --r\r\nContent-Type: image/png\r\nContent-ID: <logo@courant>\r\nContent-Disposition: inline; filename=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n\
    --r--\r\n\
    --m\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename=notes.txt\r\n\r\nnotes\r\n\
    --m--\r\n";

/// Gives `work` a letter with everything that one can have.
pub fn letter<T>(work: impl FnOnce(&Letter<'_>) -> T) -> T {
    letter_with("", work)
}

/// The same with more fields.
pub fn letter_with<T>(fields: &str, work: impl FnOnce(&Letter<'_>) -> T) -> T {
    enveloped(&LETTER.replacen("MIME-Version", &format!("{fields}MIME-Version"), 1), work)
}

/// Gives `work` a letter that is a text and nothing else.
pub fn plain_letter<T>(work: impl FnOnce(&Letter<'_>) -> T) -> T {
    let (head, _) = LETTER.split_once("MIME-Version").unwrap();
    enveloped(&format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n"), work)
}

fn enveloped<T>(bytes: &str, work: impl FnOnce(&Letter<'_>) -> T) -> T {
    let envelope = Envelope {
        sender: Address::parse("joerg@example.org").unwrap(),
        recipient: Address::parse("ada@example.net").unwrap(),
        size: None,
        id: Some("one@example.org".to_owned()),
        token: Some("token1".to_owned()),
    };
    work(&Letter { envelope: &envelope, bytes: bytes.as_bytes() })
}

#[test]
fn a_letter_comes_apart_into_what_a_provider_asks_for() {
    let message = Message::read(LETTER.as_bytes()).unwrap();
    assert_eq!(message.from.written(), "\"Jörg\" <joerg@example.org>");
    assert_eq!(message.reply_to[0].written(), "answers@example.org");
    assert_eq!(message.subject, "Grüße");
    assert_eq!(message.text.as_deref().map(str::trim), Some("Grüße"));
    assert_eq!(message.html.as_deref().map(str::trim), Some("<p>Grüße</p>"));
    let files: Vec<_> = message
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.content_type.as_str(), file.content_id.as_deref()))
        .collect();
    assert_eq!(
        files,
        [("logo.png", "image/png", Some("logo@courant")), ("notes.txt", "text/plain; charset=utf-8", None)]
    );
    assert_eq!(message.files[1].bytes, b"notes");
}

#[test]
fn the_other_fields_stay_what_they_are_in_one_line() {
    let message = Message::read(LETTER.as_bytes()).unwrap();
    let fields: Vec<_> =
        message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        fields,
        [
            (
                "List-Unsubscribe",
                "<https://example.org/u/abc>, <mailto:joerg@example.org?subject=unsubscribe%20abc>"
            ),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    );
}

#[test]
fn a_proof_goes_to_its_own_address_without_the_name_of_the_reader_it_shows() {
    let message = Message::read(LETTER.as_bytes()).unwrap();
    let to = |address: &str| message.addressee(&Address::parse(address).unwrap()).written();
    assert_eq!(to("ada@example.net"), "\"Ada, L.\" <ada@example.net>");
    assert_eq!(to("me@example.org"), "me@example.org");
}

//! What a text says in numbers and in words.

use crate::model::attempt::Enhanced;
use crate::model::event::Said;

/// The text without what could hold any word by chance: addresses, links, names of hosts, codes. In lower case,
/// with single spaces, and straight apostrophes.
pub(super) fn words(text: &str) -> String {
    let text =
        text.to_lowercase().replace(['’', '‘', '`', '´'], "'").replace("...", "... ").replace('>', "> ");
    let kept = text.split_whitespace().filter(|word| !is_name(word));
    kept.collect::<Vec<_>>().join(" ")
}

/// At most `longest` bytes.
pub(super) fn cut(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

fn is_name(word: &str) -> bool {
    word.contains('@') || word.contains("://") || is_host(word)
}

/// `mx.spam-filter.example.org[192.0.2.1]`; but not `fail.Please`, nor a word of Exchange such as
/// `resolver.adr.recipnotfound`.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let name = word.split(['[', '(', '/', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let is_dotted = labels.len() >= 3 || labels.len() == 2 && labels[1].len() <= 3;
    is_dotted && labels.iter().all(is_label) && !name.starts_with("resolver.")
}

/// What was said, with the basic and the enhanced code that stand in the text; `status` is what is known of the
/// enhanced code from elsewhere, and counts where the text has none, or a vague one.
pub fn said(text: &str, status: Option<Enhanced>) -> Said {
    let code = basic_in(text);
    let found =
        enhanced_in(text).filter(|found| code.is_none_or(|code| code / 100 == u16::from(found.class)));
    let status = status.filter(|status| code.is_none_or(|code| code / 100 == u16::from(status.class)));
    let enhanced = match (found, status) {
        (Some(found), Some(status)) if is_vague(found) && found.class == status.class => Some(status),
        (found, status) => found.or(status),
    };
    Said { code, enhanced, text: text.to_owned() }
}

/// x.0.0, x.3.0 and x.5.0 are what servers write when they have nothing to say.
pub(super) fn is_vague(code: Enhanced) -> bool {
    code.subject == 0 || matches!((code.subject, code.detail), (3 | 5, 0))
}

/// The first reply code: three digits at the start, or behind what introduces a reply.
fn basic_in(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    let start = |at: usize| {
        let before = text[..at].trim_end_matches([' ', '\t', '\n', '\r', '"', '\'']);
        before.is_empty()
            || before.ends_with([':', '<', '[', '(', ';', '='])
            || ["said", "replied", "returned", "code", "error", "response", "status", "was"].iter().any(
                |word| {
                    before.len() >= word.len()
                        && before.is_char_boundary(before.len() - word.len())
                        && before[before.len() - word.len()..].eq_ignore_ascii_case(word)
                },
            )
    };
    memchr::memchr3_iter(b'4', b'5', b'2', bytes)
        .filter(|at| bytes.get(at + 1..at + 3).is_some_and(|rest| rest.iter().all(u8::is_ascii_digit)))
        .filter(|at| {
            !at.checked_sub(1)
                .is_some_and(|before| bytes[before].is_ascii_alphanumeric() || bytes[before] == b'.')
        })
        .filter(|at| bytes.get(at + 3).is_none_or(|next| b" -#])>:;,\t\r\n\"'".contains(next)))
        .find(|at| start(*at))
        .and_then(|at| text[at..at + 3].parse().ok())
        .filter(|code| matches!(code, 200..300 | 400..600))
}

/// The first enhanced code of a refusal, wherever it stands: `#5.1.1`, `[5.1.1]`, `550-5.1.1`.
fn enhanced_in(text: &str) -> Option<Enhanced> {
    let bytes = text.as_bytes();
    let mut starts = memchr::memchr_iter(b'.', bytes).filter_map(|dot| dot.checked_sub(1));
    starts.find_map(|at| enhanced_at(bytes, at))
}

fn enhanced_at(bytes: &[u8], at: usize) -> Option<Enhanced> {
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    if !matches!(bytes[at], b'4' | b'5') || at.checked_sub(1).is_some_and(|before| is_inner(&bytes[before])) {
        return None;
    }
    let rest = &bytes[at..bytes.len().min(at + 9)];
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let code = std::str::from_utf8(&rest[..length]).ok()?.trim_end_matches('.');
    let ends = !rest.get(length).is_some_and(u8::is_ascii_alphanumeric);
    Enhanced::parse(code).filter(|_| ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> (Option<u16>, Option<String>) {
        let said = said(text, None);
        (said.code, said.enhanced.map(|code| code.to_string()))
    }

    #[test]
    fn codes_are_found_where_servers_write_them() {
        for (text, code, enhanced) in [
            ("550 5.1.1 no", Some(550), Some("5.1.1")),
            ("550-5.7.26 This mail", Some(550), Some("5.7.26")),
            (
                "host mx.test[192.0.2.1] said: 452 4.2.2 full (in reply to RCPT TO command)",
                Some(452),
                Some("4.2.2"),
            ),
            ("Sorry, no mailbox here by that name. (#5.1.1)", None, Some("5.1.1")),
            ("Requested action not taken. [SMTP Error Code 550]", Some(550), None),
            ("<<< 554 5.7.1: denied", Some(554), Some("5.7.1")),
            ("Remote server replied: 550 5.1.1 <a@b>... User unknown", Some(550), Some("5.1.1")),
            ("host 192.0.2.4 has 500 letters, version 8.12.1, 5.1.1.1", None, None),
            ("250 2.0.0 taken", Some(250), None),
            ("Error 01373: quota", None, None),
            ("552 Quota violation", Some(552), None),
            ("é5.1.1", None, Some("5.1.1")),
            ("", None, None),
        ] {
            assert_eq!(numbers(text), (code, enhanced.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn what_the_reply_says_outranks_the_status_unless_it_is_vague() {
        let status = Enhanced::parse("5.1.1");
        let of = |text: &str| said(text, status).enhanced.map(|code| code.to_string());
        assert_eq!(of("550 5.7.1 no").as_deref(), Some("5.7.1"));
        assert_eq!(of("550 5.0.0 no").as_deref(), Some("5.1.1"));
        assert_eq!(of("450 4.0.0 later").as_deref(), Some("4.0.0"), "a status of another class says nothing");
        assert_eq!(of("450 later"), None);
    }

    #[test]
    fn names_are_no_words() {
        let text = "<quota@spam.test>: host spam-blocked.mx.test[192.0.2.1] said: User’s box\n is  FULL http://x/spam";
        assert_eq!(words(text), ": host said: user's box is full");
        assert_eq!(
            words("550 5.1.1 resolver.adr.recipnotfound; not found"),
            "550 resolver.adr.recipnotfound; not found"
        );
    }
}

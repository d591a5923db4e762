//! At which stage of the conversation a server refused, as notices tell it in words or by a transcript.

use crate::model::attempt::Phase;

/// Words of servers that name the stage. In lower case.
static WORDS: &[(&str, Phase)] = &[
    ("in reply to rcpt to", Phase::Recipient),
    ("in reply to end of data", Phase::Answer),
    ("in reply to data command", Phase::Data),
    ("in reply to mail from", Phase::Sender),
    ("in reply to helo", Phase::Connect),
    ("in reply to ehlo", Phase::Connect),
    ("refused to talk to me", Phase::Connect),
    ("after rcpt", Phase::Recipient),
    ("after pipelined rcpt", Phase::Recipient),
    ("after end of data", Phase::Answer),
    ("after pipelined end of data", Phase::Answer),
    ("after data", Phase::Data),
    ("after pipelined data", Phase::Data),
    ("after mail from", Phase::Sender),
    ("after pipelined mail", Phase::Sender),
    ("after initial connection", Phase::Connect),
    ("after helo", Phase::Connect),
    ("after ehlo", Phase::Connect),
    ("does not like recipient", Phase::Recipient),
    ("failed after i sent the message", Phase::Answer),
    ("failed on data command", Phase::Data),
    ("but sender was rejected", Phase::Sender),
    ("but my name was rejected", Phase::Connect),
    ("but greeting failed", Phase::Connect),
    ("[rcpt_to]", Phase::Recipient),
    ("smtp:rcpt host", Phase::Recipient),
    ("rcpt to generated following response", Phase::Recipient),
    ("(state 13)", Phase::Recipient),
    ("(state 14)", Phase::Recipient),
    ("(state 17)", Phase::Answer),
    ("(state 18)", Phase::Answer),
];

/// The stage that a text names, if it names one.
pub(super) fn stage(text: &str) -> Option<Phase> {
    by_words(text).or_else(|| by_transcript(text))
}

/// Words may go on in the next line.
fn by_words(text: &str) -> Option<Phase> {
    let text = text.to_lowercase();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, phase)| *phase)
}

/// `>>> RCPT To:<…>` and `<<< 550 …`: the refusal answers the command above it. Where commands travel together, the
/// answer to RCPT stands below DATA, and that to DATA says that nobody is left.
fn by_transcript(text: &str) -> Option<Phase> {
    let (mut command, mut refused) = (None, None);
    for line in text.lines().map(str::trim) {
        if let Some(sent) = line.strip_prefix(">>>") {
            command = phase_of(sent).or(command);
        } else if let Some(answer) = line.strip_prefix("<<<") {
            let answer = answer.trim();
            match refused {
                None if answer.starts_with(['4', '5']) => refused = command,
                Some(Phase::Data | Phase::Answer) if is_nobody_left(answer) => return Some(Phase::Recipient),
                Some(_) | None => {}
            }
        }
    }
    refused
}

fn phase_of(command: &str) -> Option<Phase> {
    let word = command.trim().get(..4)?.to_ascii_lowercase();
    Some(match word.as_str() {
        "rcpt" => Phase::Recipient,
        "mail" => Phase::Sender,
        "data" | "bdat" => Phase::Answer,
        "helo" | "ehlo" => Phase::Connect,
        "star" => Phase::Tls,
        "auth" => Phase::Login,
        _ => return None,
    })
}

fn is_nobody_left(answer: &str) -> bool {
    let answer = answer.to_lowercase();
    answer.starts_with("503") || answer.contains("no valid recipients") || answer.contains("need rcpt")
}

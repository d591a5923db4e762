//! Questions to the person about uncertain letters.

use super::doubt::{Doubt, Doubts};
use super::evidence::{Basis, Evidence, Word};
use crate::commands::desk::{Desk, ask};
use crate::commands::{Failure, Plain};
use crate::model::event::Fate;
use crate::report::words::counted;

/// So many addresses are named in a question.
const NAMED: usize = 5;

/// Asks for each letter whether it arrived; whatever is neither yes nor no leaves it.
pub fn one_by_one(doubts: &Doubts, evidence: &mut Evidence) -> Result<(), Plain> {
    for doubt in &doubts.all {
        let question = format!(
            "{}: did it arrive? [y = yes, n = no: send it again, Enter = leave it] ",
            doubt.story.address
        );
        let fate = match ask(&question)?.to_lowercase().as_str() {
            "y" | "yes" => Fate::Accepted,
            "n" | "no" => Fate::NotArrived,
            _ => continue,
        };
        evidence.say(doubt.story.delivery, Word::by_hand(fate));
    }
    Ok(())
}

/// Asks once for each kind of settlement that needs a yes. After a no, these letters stay as they are. Without a
/// terminal, what a person said is a failure, and what a log does not know stays uncertain.
pub fn for_a_yes(desk: &Desk, doubts: &Doubts, evidence: &mut Evidence) -> Result<(), Failure> {
    for (basis, fate) in [
        (Basis::Record, Fate::NotArrived),
        (Basis::Absence, Fate::NotArrived),
        (Basis::Hand, Fate::Accepted),
        (Basis::Hand, Fate::NotArrived),
    ] {
        let is_meant = |word: &Word| word.needs_a_yes() && (word.basis, word.fate) == (basis, fate);
        let letters: Vec<&Doubt> = doubts
            .all
            .iter()
            .filter(|doubt| evidence.word(doubt.story.delivery).is_some_and(is_meant))
            .collect();
        let source = letters.first().and_then(|doubt| evidence.word(doubt.story.delivery));
        let Some(source) = source.map(|word| word.source.clone()) else { continue };
        if let Some(why) = refusal(desk, basis, &question(basis, fate, &source, &letters), &source)? {
            letters.iter().for_each(|doubt| evidence.withdraw(doubt.story.delivery, &why));
        }
    }
    Ok(())
}

/// `None` is a yes.
fn refusal(desk: &Desk, basis: Basis, question: &str, source: &str) -> Result<Option<String>, Failure> {
    if basis != Basis::Hand && !desk.is_attended() {
        return Ok(Some(format!("{source}: `--yes` plans it again")));
    }
    Ok((!desk.confirm(question, "--yes")?).then(|| "you said no".to_owned()))
}

fn question(basis: Basis, fate: Fate, source: &str, letters: &[&Doubt]) -> String {
    let number = counted(letters.len() as u64, "letter", "letters");
    let named: Vec<String> =
        letters.iter().take(NAMED).map(|doubt| doubt.story.address.to_string()).collect();
    let more = if letters.len() > NAMED { ", ..." } else { "" };
    let whose = format!("{number} ({}{more})", named.join(", "));
    match (basis, fate) {
        (Basis::Hand, Fate::Accepted | Fate::Delivered | Fate::Bounced) => {
            format!("Count {whose} as arrived?")
        }
        (Basis::Hand, Fate::NotArrived) => format!("Send {whose} again with the next `courant send`?"),
        (Basis::Record, _) => {
            format!("The server turned away {whose} ({source}). Send again with the next `courant send`?")
        }
        (Basis::Absence, _) => format!(
            "{whose}: {source}, which covers the time and knows the letters before and after. Send again with the next \
             `courant send`?"
        ),
    }
}

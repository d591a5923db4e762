//! A subject that is built like spam.

use crate::check::page::flat;
use crate::check::words::find;
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct SubjectSpam;

const ABOUT: About = About {
    id: "subject-spam",
    what: "the subject is built like spam: promises that filters know, money signs, marks that shout",
    why: "Filters score such subjects before anybody reads the letter, and readers judge by them, too.",
    source: "SpamAssassin PLING_PLING, BODY_ENHANCEMENT and kin; 15 USC 7704 (a)(2)",
    fix: "say what is in the letter, in the words you would use to a friend",
};

/// What spam says in its subjects and letters from people seldom do. In lower case.
const PHRASES: &[&str] = &[
    "act now",
    "act immediately",
    "buy now",
    "order now",
    "apply now",
    "call now",
    "while supplies last",
    "limited time offer",
    "limited time only",
    "offer expires",
    "last chance to claim",
    "don't delete",
    "100% free",
    "100% satisfied",
    "100% guaranteed",
    "money back guarantee",
    "no obligation",
    "risk free",
    "risk-free",
    "no strings attached",
    "free gift",
    "free money",
    "free trial offer",
    "free access now",
    "you have won",
    "you've won",
    "you are a winner",
    "you're a winner",
    "claim your prize",
    "cash bonus",
    "make money fast",
    "make money online",
    "earn extra cash",
    "double your income",
    "get rich quick",
    "financial freedom",
    "work from home and earn",
    "extra income",
    "lowest price guaranteed",
    "save big money",
    "lose weight fast",
    "miracle cure",
    "cheap meds",
    "online pharmacy",
    "weight loss guaranteed",
    "your account will be suspended",
    "verify your account",
    "this is not spam",
    "not spam",
    "jetzt zugreifen",
    "jetzt bestellen",
    "jetzt kaufen",
    "100% kostenlos",
    "sie haben gewonnen",
    "geld verdienen",
    "ohne risiko",
    "gratis geschenk",
    "schnell abnehmen",
    "agissez maintenant",
    "achetez maintenant",
    "vous avez gagné",
    "argent facile",
    "sans engagement",
    "100% gratuit",
    "offre limitée",
    "compra ahora",
    "actúa ahora",
    "has ganado",
    "dinero fácil",
    "100% gratis",
    "sin compromiso",
    "compre agora",
    "você ganhou",
    "dinheiro fácil",
    "100% grátis",
    "acquista ora",
    "hai vinto",
    "soldi facili",
    "100% gratuito",
    "koop nu",
    "u heeft gewonnen",
    "snel geld verdienen",
    "вы выиграли",
    "купите сейчас",
    "быстрый заработок",
    "без риска",
];

impl Rule for SubjectSpam {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let subject = flat(&draft.facts.edition.subject);
        if let Some((what, why)) = trait_of_spam(&subject) {
            let message = format!("`{what}` in the subject is {why}");
            let place = super::in_subject(draft, &what);
            found.push(super::at(Finding::warning(self.id(), message).help(ABOUT.fix), place));
        }
    }
}

/// The first thing that filters know, and what is wrong with it.
fn trait_of_spam(subject: &str) -> Option<(String, &'static str)> {
    if let Some(span) = PHRASES.iter().find_map(|phrase| find(subject, phrase)) {
        return Some((subject[span].to_owned(), "a phrase that filters know"));
    }
    let marks = ["!!", "!?!", "?!?", "$$", "€€", "££"].into_iter().find(|marks| subject.contains(marks));
    if let Some(marks) = marks {
        return Some((marks.to_owned(), "how spam shouts"));
    }
    let is_spaced = |word: &[&str]| word.len() >= 4 && word.iter().all(|part| is_letter(part));
    let parts: Vec<&str> = subject.split(' ').collect();
    let runs = parts.chunk_by(|one, next| is_letter(one) && is_letter(next));
    runs.into_iter().find(|run| is_spaced(run)).map(|run| (run.join(" "), "a word hidden from filters"))
}

/// One letter by itself, as in `F R E E`.
fn is_letter(part: &str) -> bool {
    let mut chars = part.chars();
    chars.next().is_some_and(|c| c.is_uppercase()) && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_filters_know_is_found() {
        for subject in ["Act  now: boats", "Boats!!", "Win $$$", "F R E E boats", "Sie haben gewonnen"] {
            assert!(trait_of_spam(subject).is_some(), "{subject}");
        }
    }

    #[test]
    fn ordinary_subjects_are_left_alone() {
        for subject in [
            "Free software, free society",
            "We won!",
            "Plan A B C",
            "How to act, now and later",
            "Costs $5 a month?!",
        ] {
            assert_eq!(trait_of_spam(subject), None, "{subject}");
        }
    }
}

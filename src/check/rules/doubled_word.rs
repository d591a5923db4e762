//! The same word twice.

use crate::check::prose::{Passage, Word};
use crate::check::{About, Draft, Rule};
use crate::model::finding::Finding;

pub struct DoubledWord;

const ABOUT: About = About {
    id: "doubled-word",
    what: "a word stands twice in a row",
    why: "The eye of who wrote it skips the second one, above all at the end of a line; every reader sees it.",
    source: "practice of proofreaders",
    fix: "delete one of the two",
};

/// Languages whose meant repetitions are known, and those: in every other one it may well be grammar.
const MEANT: &[(&str, &str)] = &[
    (
        "en",
        "had that is was who her his do did does will can in on out up over by so very really too much many more \
         long far no yes bye ha haha hey ho hmm hush knock tut blah yada night boo hear there now again never big \
         little pretty old well please wait go run what why these those it you we they one two three tick tock \
         chop choo beep bang click drip la na oh ah ok okay win half like",
    ),
    (
        "de",
        "die der das den dem des was sie ihr wir wo so sehr ja nein nach ganz viel lange weit nie ha uns war sein \
         gut los",
    ),
    (
        "fr",
        "nous vous elle elles lui que très trop bien non oui si ah ha oh tout petit peu beaucoup loin longtemps",
    ),
    ("es", "que no sí muy tan mucho poco nada ya ja je así bien casi nunca lo"),
    ("it", "che via man mano piano poco quasi pian ben bene subito così molto no sì appena tutto solo ha"),
    ("pt", "que não sim muito tão quase já logo assim bem devagar pouco"),
    ("nl", "die dat het zijn haar heel zeer ja nee zo was er wat ver lang veel"),
    ("sv", "det den som är så ja nej mycket väldigt var de för i på"),
    ("da", "det den som er så ja nej meget var der for i på"),
    ("nb", "det den som er så ja nei veldig var der for i på"),
    ("no", "det den som er så ja nei veldig var der for i på"),
    ("cs", "se si to že ne ano velmi moc tak už no"),
    ("pl", "się to że nie tak bardzo już no co coraz"),
    ("ru", "да нет очень едва еле чуть так вот что всё все давно долго много ну никогда то ли как где чем"),
    ("uk", "так ні дуже ледь ось що все давно довго ну ледве"),
    ("be", "так не вельмі ледзь вось што усё даўно ну"),
];

impl Rule for DoubledWord {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn skipped(&self, draft: &Draft<'_>) -> Option<String> {
        let lang = draft.lang();
        meant_in(lang).is_none().then(|| format!("which words `{lang}` repeats on purpose is not known"))
    }

    fn check(&self, draft: &Draft<'_>, found: &mut Vec<Finding>) {
        let lang = draft.lang();
        for passage in &draft.prose.passages {
            found.extend(doubled(passage, lang).into_iter().map(|(first, second)| {
                let source = &draft.facts.issue.source;
                let message = format!("`{}` stands twice", second.text);
                let place = source.at(first.span.start..second.span.end);
                let finding = Finding::warning(self.id(), message).at(place).help(ABOUT.fix);
                match passage.between(first.span.end, second.span.start).trim().is_empty() {
                    true => finding.fix(source.at(first.span.end..second.span.end), ""),
                    false => finding,
                }
            }));
        }
    }
}

fn doubled<'a>(passage: &'a Passage, lang: &str) -> Vec<(Word<'a>, Word<'a>)> {
    let words: Vec<Word<'_>> = passage.words().collect();
    let pairs = words.windows(2).map(|pair| (pair[0].clone(), pair[1].clone()));
    pairs
        .filter(|(first, second)| first.text.to_lowercase() == second.text)
        .filter(|(first, second)| passage.is_gap(first.span.end, second.span.start))
        .filter(|(first, second)| stands_alone(passage, first, second))
        .filter(|(_, second)| is_slip(second.text, lang))
        .collect()
}

/// Parts of paths, names of things in code and addresses are no words: `a.to to`.
fn stands_alone(passage: &Passage, first: &Word<'_>, second: &Word<'_>) -> bool {
    let before = passage.between(passage.start, first.span.start).chars().next_back();
    let after = passage.between(second.span.end, passage.span().end).chars().next();
    let joins = |c: Option<char>| c.is_some_and(|c| "./\\@#:=_&".contains(c));
    !joins(before) && !after.is_some_and(|c| "/\\@=_&(".contains(c))
}

/// Names repeat themselves (Bora Bora), and so do numbers; single letters are names of things.
fn is_slip(word: &str, lang: &str) -> bool {
    let is_word = word.chars().all(char::is_alphabetic) && (word.chars().count() > 1 || word == "a");
    is_word && meant_in(lang).is_some_and(|meant| !meant.split_whitespace().any(|known| known == word))
}

fn meant_in(lang: &str) -> Option<&'static str> {
    let primary = lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    MEANT.iter().find(|(name, _)| *name == primary).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::prose::PassageKind;

    fn twice(text: &str, lang: &str) -> Vec<String> {
        let passage = Passage { kind: PassageKind::Paragraph, start: 7, text: text.to_owned() };
        doubled(&passage, lang).into_iter().map(|(_, word)| word.text.to_owned()).collect()
    }

    #[test]
    fn slips_are_found_across_lines_and_emphasis() {
        assert_eq!(
            twice("The the boats of\nof the sea, a \u{2}\u{2}a\u{2}\u{2} pier", "en"),
            ["the", "of", "a"]
        );
        assert_eq!(twice("das Boot und und das Meer", "de-AT"), ["und"]);
        assert_eq!(twice("по по морю", "ru"), ["по"]);
    }

    #[test]
    fn what_a_language_repeats_on_purpose_is_left_alone() {
        let english = "He had had that that Bora Bora saw. So, so far; 12 12 boats. A b b. The The's. \
                       super\u{2}\u{2}super, no more. More boats; is_set_to to, a.to to";
        assert_eq!(twice(english, "en"), [""; 0]);
        assert_eq!(twice("die Leute, die die Boote sahen", "de"), [""; 0]);
        assert_eq!(twice("nous nous sommes vus", "fr"), [""; 0]);
        assert_eq!(twice("pelan pelan", "ms"), [""; 0]);
    }
}

//! The few words that Courant itself writes into a letter, in the language of the issue.

use crate::compose::markdown::tree::Callout;

/// What a letter says around the author's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Words {
    /// "You receive this because you subscribed to {}."
    pub why: &'static str,
    pub unsubscribe: &'static str,
    pub notes: &'static str,
    pub links: &'static str,
    pub image: &'static str,
    /// Note, tip, important, warning, caution.
    pub callouts: [&'static str; 5],
}

impl Words {
    /// The words of a BCP 47 language; English where we know none.
    pub fn of(lang: &str) -> Words {
        let primary = lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        KNOWN.iter().find(|(name, _)| *name == primary).map_or(ENGLISH, |(_, words)| *words)
    }

    pub fn callout(&self, callout: Callout) -> &'static str {
        match callout {
            Callout::Note => self.callouts[0],
            Callout::Tip => self.callouts[1],
            Callout::Important => self.callouts[2],
            Callout::Warning => self.callouts[3],
            Callout::Caution => self.callouts[4],
        }
    }

    /// Why the reader gets this letter: they subscribed to `list`.
    pub fn why(&self, list: &str) -> String {
        self.why.replace("{}", list)
    }
}

const ENGLISH: Words = Words {
    why: "You receive this because you subscribed to {}.",
    unsubscribe: "Unsubscribe",
    notes: "Notes",
    links: "Links",
    image: "image",
    callouts: ["Note", "Tip", "Important", "Warning", "Caution"],
};

const KNOWN: [(&str, Words); 11] = [
    ("en", ENGLISH),
    (
        "de",
        Words {
            why: "Sie erhalten diese E-Mail, weil Sie {} abonniert haben.",
            unsubscribe: "Abbestellen",
            notes: "Anmerkungen",
            links: "Links",
            image: "Bild",
            callouts: ["Hinweis", "Tipp", "Wichtig", "Warnung", "Vorsicht"],
        },
    ),
    (
        "fr",
        Words {
            why: "Vous recevez ce message parce que vous êtes abonné à {}.",
            unsubscribe: "Se désabonner",
            notes: "Notes",
            links: "Liens",
            image: "image",
            callouts: ["Note", "Astuce", "Important", "Avertissement", "Attention"],
        },
    ),
    (
        "es",
        Words {
            why: "Recibe este mensaje porque está suscrito a {}.",
            unsubscribe: "Darse de baja",
            notes: "Notas",
            links: "Enlaces",
            image: "imagen",
            callouts: ["Nota", "Consejo", "Importante", "Advertencia", "Precaución"],
        },
    ),
    (
        "it",
        Words {
            why: "Riceve questo messaggio perché è iscritto a {}.",
            unsubscribe: "Annulla l’iscrizione",
            notes: "Note",
            links: "Link",
            image: "immagine",
            callouts: ["Nota", "Consiglio", "Importante", "Avviso", "Attenzione"],
        },
    ),
    (
        "nl",
        Words {
            why: "U ontvangt dit bericht omdat u bent geabonneerd op {}.",
            unsubscribe: "Afmelden",
            notes: "Noten",
            links: "Links",
            image: "afbeelding",
            callouts: ["Opmerking", "Tip", "Belangrijk", "Waarschuwing", "Let op"],
        },
    ),
    (
        "pl",
        Words {
            why: "Otrzymujesz tę wiadomość, ponieważ subskrybujesz {}.",
            unsubscribe: "Wypisz się",
            notes: "Przypisy",
            links: "Odnośniki",
            image: "obraz",
            callouts: ["Uwaga", "Wskazówka", "Ważne", "Ostrzeżenie", "Przestroga"],
        },
    ),
    (
        "pt",
        Words {
            why: "Recebe esta mensagem porque subscreveu {}.",
            unsubscribe: "Cancelar a subscrição",
            notes: "Notas",
            links: "Ligações",
            image: "imagem",
            callouts: ["Nota", "Dica", "Importante", "Aviso", "Cuidado"],
        },
    ),
    (
        "ru",
        Words {
            why: "Вы получили это письмо, потому что подписаны на рассылку «{}».",
            unsubscribe: "Отписаться",
            notes: "Примечания",
            links: "Ссылки",
            image: "изображение",
            callouts: ["Примечание", "Совет", "Важно", "Предупреждение", "Осторожно"],
        },
    ),
    (
        "uk",
        Words {
            why: "Ви отримали цей лист, тому що підписані на розсилку «{}».",
            unsubscribe: "Відписатися",
            notes: "Примітки",
            links: "Посилання",
            image: "зображення",
            callouts: ["Примітка", "Порада", "Важливо", "Попередження", "Обережно"],
        },
    ),
    (
        "be",
        Words {
            why: "Вы атрымалі гэты ліст, бо падпісаныя на рассылку «{}».",
            unsubscribe: "Адпісацца",
            notes: "Заўвагі",
            links: "Спасылкі",
            image: "выява",
            callouts: ["Заўвага", "Парада", "Важна", "Папярэджанне", "Асцярожна"],
        },
    ),
];

/// What leads to the rest of a text on the web, in a BCP 47 language.
pub fn read_on(lang: &str) -> &'static str {
    let primary = lang.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match primary.as_str() {
        "de" => "Im Web weiterlesen",
        "fr" => "Lire la suite sur le web",
        "es" => "Seguir leyendo en la web",
        "it" => "Continua a leggere sul web",
        "nl" => "Lees verder op het web",
        "pl" => "Czytaj dalej w internecie",
        "pt" => "Continuar a ler na web",
        "ru" => "Читать дальше на сайте",
        "uk" => "Читати далі на сайті",
        "be" => "Чытаць далей на сайце",
        _ => "Read the rest on the web",
    }
}

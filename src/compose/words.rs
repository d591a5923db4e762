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
    /// What leads to the issue on the web.
    pub view_in_browser: &'static str,
    pub preferences: &'static str,
    /// "{} min read".
    pub reading_time: &'static str,
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

    /// How long `minutes` of reading are called.
    pub fn reading_time(&self, minutes: usize) -> String {
        self.reading_time.replace("{}", &minutes.to_string())
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
    view_in_browser: "View in browser",
    preferences: "Preferences",
    reading_time: "{} min read",
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
            view_in_browser: "Im Browser ansehen",
            preferences: "Einstellungen",
            reading_time: "{} Min. Lesezeit",
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
            view_in_browser: "Voir dans le navigateur",
            preferences: "Préférences",
            reading_time: "{} min de lecture",
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
            view_in_browser: "Ver en el navegador",
            preferences: "Preferencias",
            reading_time: "{} min de lectura",
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
            view_in_browser: "Apri nel browser",
            preferences: "Preferenze",
            reading_time: "{} min di lettura",
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
            view_in_browser: "Bekijk in de browser",
            preferences: "Voorkeuren",
            reading_time: "{} min leestijd",
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
            view_in_browser: "Zobacz w przeglądarce",
            preferences: "Ustawienia",
            reading_time: "{} min czytania",
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
            view_in_browser: "Ver no navegador",
            preferences: "Preferências",
            reading_time: "{} min de leitura",
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
            view_in_browser: "Открыть в браузере",
            preferences: "Настройки",
            reading_time: "{} мин чтения",
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
            view_in_browser: "Відкрити в браузері",
            preferences: "Налаштування",
            reading_time: "{} хв читання",
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
            view_in_browser: "Адкрыць у браўзеры",
            preferences: "Налады",
            reading_time: "{} хв чытання",
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

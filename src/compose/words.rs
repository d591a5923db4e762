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
        in_language(&KNOWN, lang)
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

const KNOWN: [(&str, Words); 23] = [
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
    (
        "ja",
        Words {
            why: "{}を購読されている方にお送りしています。",
            unsubscribe: "配信停止",
            notes: "注",
            links: "リンク",
            image: "画像",
            view_in_browser: "ブラウザで見る",
            preferences: "配信設定",
            reading_time: "読了時間 {}分",
            callouts: ["メモ", "ヒント", "重要", "警告", "注意"],
        },
    ),
    (
        "zh",
        Words {
            why: "您订阅了{}，因此收到此邮件。",
            unsubscribe: "退订",
            notes: "注释",
            links: "链接",
            image: "图片",
            view_in_browser: "在浏览器中查看",
            preferences: "订阅设置",
            reading_time: "阅读约 {} 分钟",
            callouts: ["说明", "提示", "重要", "警告", "注意"],
        },
    ),
    (
        "zh-hant",
        Words {
            why: "您訂閱了{}，因此收到此郵件。",
            unsubscribe: "取消訂閱",
            notes: "註釋",
            links: "連結",
            image: "圖片",
            view_in_browser: "在瀏覽器中檢視",
            preferences: "訂閱設定",
            reading_time: "閱讀約 {} 分鐘",
            callouts: ["說明", "提示", "重要", "警告", "注意"],
        },
    ),
    (
        "ko",
        Words {
            why: "{} 구독자에게 보내 드리는 메일입니다.",
            unsubscribe: "구독 취소",
            notes: "주석",
            links: "링크",
            image: "이미지",
            view_in_browser: "브라우저에서 보기",
            preferences: "수신 설정",
            reading_time: "읽는 시간 {}분",
            callouts: ["참고", "도움말", "중요", "경고", "주의"],
        },
    ),
    (
        "ar",
        Words {
            why: "تصلك هذه الرسالة لأنك مشترك في {}.",
            unsubscribe: "إلغاء الاشتراك",
            notes: "ملاحظات",
            links: "روابط",
            image: "صورة",
            view_in_browser: "عرض في المتصفح",
            preferences: "التفضيلات",
            reading_time: "{} دقائق قراءة",
            callouts: ["ملاحظة", "نصيحة", "مهم", "تحذير", "تنبيه"],
        },
    ),
    (
        "he",
        Words {
            why: "קיבלת את ההודעה כי נרשמת אל {}.",
            unsubscribe: "הסרה מהרשימה",
            notes: "הערות",
            links: "קישורים",
            image: "תמונה",
            view_in_browser: "צפייה בדפדפן",
            preferences: "העדפות",
            reading_time: "{} דקות קריאה",
            callouts: ["הערה", "טיפ", "חשוב", "אזהרה", "זהירות"],
        },
    ),
    (
        "fa",
        Words {
            why: "این نامه را دریافت می‌کنید چون مشترک {} هستید.",
            unsubscribe: "لغو اشتراک",
            notes: "یادداشت‌ها",
            links: "پیوندها",
            image: "تصویر",
            view_in_browser: "دیدن در مرورگر",
            preferences: "تنظیمات",
            reading_time: "{} دقیقه مطالعه",
            callouts: ["یادداشت", "نکته", "مهم", "هشدار", "احتیاط"],
        },
    ),
    (
        "tr",
        Words {
            why: "Bu e-postayı {} aboneliğiniz nedeniyle alıyorsunuz.",
            unsubscribe: "Abonelikten çık",
            notes: "Notlar",
            links: "Bağlantılar",
            image: "görsel",
            view_in_browser: "Tarayıcıda görüntüle",
            preferences: "Tercihler",
            reading_time: "{} dk okuma",
            callouts: ["Not", "İpucu", "Önemli", "Uyarı", "Dikkat"],
        },
    ),
    (
        "sv",
        Words {
            why: "Du får det här brevet eftersom du prenumererar på {}.",
            unsubscribe: "Avsluta prenumerationen",
            notes: "Noter",
            links: "Länkar",
            image: "bild",
            view_in_browser: "Visa i webbläsaren",
            preferences: "Inställningar",
            reading_time: "{} min läsning",
            callouts: ["Obs", "Tips", "Viktigt", "Varning", "Försiktigt"],
        },
    ),
    (
        "da",
        Words {
            why: "Du får dette brev, fordi du abonnerer på {}.",
            unsubscribe: "Afmeld",
            notes: "Noter",
            links: "Links",
            image: "billede",
            view_in_browser: "Vis i browser",
            preferences: "Indstillinger",
            reading_time: "{} min. læsning",
            callouts: ["Bemærk", "Tip", "Vigtigt", "Advarsel", "Forsigtig"],
        },
    ),
    (
        "nb",
        Words {
            why: "Du får dette brevet fordi du abonnerer på {}.",
            unsubscribe: "Meld deg av",
            notes: "Noter",
            links: "Lenker",
            image: "bilde",
            view_in_browser: "Vis i nettleseren",
            preferences: "Innstillinger",
            reading_time: "{} min lesetid",
            callouts: ["Merk", "Tips", "Viktig", "Advarsel", "Forsiktig"],
        },
    ),
    (
        "cs",
        Words {
            why: "Tento dopis dostáváte, protože odebíráte {}.",
            unsubscribe: "Odhlásit odběr",
            notes: "Poznámky",
            links: "Odkazy",
            image: "obrázek",
            view_in_browser: "Zobrazit v prohlížeči",
            preferences: "Předvolby",
            reading_time: "{} min čtení",
            callouts: ["Poznámka", "Tip", "Důležité", "Varování", "Pozor"],
        },
    ),
];

/// What leads to the rest of a text on the web, in a BCP 47 language.
pub fn read_on(lang: &str) -> &'static str {
    match known_as(lang).as_str() {
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
        "ja" => "続きをウェブで読む",
        "zh" => "在网页上阅读全文",
        "zh-hant" => "在網頁上閱讀全文",
        "ko" => "웹에서 계속 읽기",
        "ar" => "تابع القراءة على الويب",
        "he" => "להמשך קריאה באתר",
        "fa" => "ادامه در وب",
        "tr" => "Devamını web’de okuyun",
        "sv" => "Läs vidare på webben",
        "da" => "Læs videre på nettet",
        "nb" => "Les videre på nettet",
        "cs" => "Číst dál na webu",
        _ => "Read the rest on the web",
    }
}

/// What `known` has for a BCP 47 language; the first, which is English, where it has nothing.
pub fn in_language<T: Copy>(known: &[(&str, T)], lang: &str) -> T {
    let language = known_as(lang);
    known.iter().find(|(name, _)| *name == language).unwrap_or(&known[0]).1
}

/// The name under which a BCP 47 language is known here: its first part, or its script where two are written.
pub fn known_as(lang: &str) -> String {
    let lang = lang.to_ascii_lowercase().replace('_', "-");
    let primary = lang.split('-').next().unwrap_or_default();
    let is_traditional = ["zh-hant", "zh-tw", "zh-hk", "zh-mo"].iter().any(|tag| lang.starts_with(tag));
    match primary {
        "zh" if is_traditional => "zh-hant".to_owned(),
        "no" | "nn" => "nb".to_owned(),
        "iw" => "he".to_owned(),
        primary => primary.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_own_words_and_a_place_for_names_and_numbers() {
        for (name, words) in KNOWN {
            assert!(words.why.contains("{}") && words.reading_time.contains("{}"), "{name}");
            assert_eq!(Words::of(name), words);
            assert!(name == "en" || read_on(name) != read_on("en"), "{name}");
        }
    }

    #[test]
    fn a_language_is_found_by_its_script_and_whatever_its_country() {
        assert_eq!(Words::of("zh-TW").unsubscribe, "取消訂閱");
        assert_eq!(
            [Words::of("zh-CN"), Words::of("nn-NO"), Words::of("xx")],
            [Words::of("zh"), Words::of("nb"), ENGLISH]
        );
    }
}

//! The words that the archive puts around issues, in the language of the page.

use crate::compose::words::in_language;

/// What stands on pages besides the author's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Words {
    pub all_issues: &'static str,
    /// The issue before this one.
    pub previous: &'static str,
    pub next: &'static str,
    pub subscribe: &'static str,
    pub newer: &'static str,
    pub older: &'static str,
    pub nothing_yet: &'static str,
    /// What leads to the other issues, for screen readers.
    pub more: &'static str,
}

const fn words(all: [&'static str; 8]) -> Words {
    let [all_issues, previous, next, subscribe, newer, older, nothing_yet, more] = all;
    Words { all_issues, previous, next, subscribe, newer, older, nothing_yet, more }
}

const ENGLISH: Words = words([
    "All issues",
    "Previous issue",
    "Next issue",
    "Subscribe",
    "Newer issues",
    "Older issues",
    "No issue has been published yet.",
    "More issues",
]);

#[rustfmt::skip]
const KNOWN: [(&str, Words); 23] = [
    ("en", ENGLISH),
    ("de", words(["Alle Ausgaben", "Vorige Ausgabe", "Nächste Ausgabe", "Abonnieren", "Neuere Ausgaben", "Ältere Ausgaben", "Noch ist keine Ausgabe erschienen.", "Weitere Ausgaben"])),
    ("fr", words(["Tous les numéros", "Numéro précédent", "Numéro suivant", "S’abonner", "Numéros plus récents", "Numéros plus anciens", "Aucun numéro n’est encore paru.", "Autres numéros"])),
    ("es", words(["Todos los números", "Número anterior", "Número siguiente", "Suscribirse", "Números más recientes", "Números anteriores", "Todavía no se ha publicado ningún número.", "Más números"])),
    ("it", words(["Tutti i numeri", "Numero precedente", "Numero successivo", "Iscriviti", "Numeri più recenti", "Numeri meno recenti", "Non è ancora uscito nessun numero.", "Altri numeri"])),
    ("nl", words(["Alle nummers", "Vorig nummer", "Volgend nummer", "Abonneren", "Nieuwere nummers", "Oudere nummers", "Er is nog geen nummer verschenen.", "Meer nummers"])),
    ("pl", words(["Wszystkie numery", "Poprzedni numer", "Następny numer", "Subskrybuj", "Nowsze numery", "Starsze numery", "Nie ukazał się jeszcze żaden numer.", "Więcej numerów"])),
    ("pt", words(["Todas as edições", "Edição anterior", "Edição seguinte", "Subscrever", "Edições mais recentes", "Edições mais antigas", "Ainda não foi publicada nenhuma edição.", "Mais edições"])),
    ("ru", words(["Все выпуски", "Предыдущий выпуск", "Следующий выпуск", "Подписаться", "Более новые выпуски", "Более старые выпуски", "Пока не вышло ни одного выпуска.", "Другие выпуски"])),
    ("uk", words(["Усі випуски", "Попередній випуск", "Наступний випуск", "Підписатися", "Новіші випуски", "Давніші випуски", "Ще не вийшло жодного випуску.", "Інші випуски"])),
    ("be", words(["Усе выпускі", "Папярэдні выпуск", "Наступны выпуск", "Падпісацца", "Навейшыя выпускі", "Старэйшыя выпускі", "Яшчэ не выйшла ніводнага выпуску.", "Іншыя выпускі"])),
    ("ja", words(["すべての号", "前の号", "次の号", "購読する", "新しい号", "過去の号", "まだ公開された号はありません。", "ほかの号"])),
    ("zh", words(["全部期号", "上一期", "下一期", "订阅", "较新的期号", "较早的期号", "尚未发布任何一期。", "更多期号"])),
    ("zh-hant", words(["所有期數", "上一期", "下一期", "訂閱", "較新的期數", "較早的期數", "尚未發布任何一期。", "更多期數"])),
    ("ko", words(["전체 호", "이전 호", "다음 호", "구독하기", "더 새로운 호", "지난 호", "아직 발행된 호가 없습니다.", "다른 호"])),
    ("ar", words(["كل الأعداد", "العدد السابق", "العدد التالي", "اشترك", "الأعداد الأحدث", "الأعداد الأقدم", "لم يُنشر أي عدد بعد.", "أعداد أخرى"])),
    ("he", words(["כל הגיליונות", "הגיליון הקודם", "הגיליון הבא", "הרשמה", "גיליונות חדשים יותר", "גיליונות ישנים יותר", "עדיין לא פורסם אף גיליון.", "גיליונות נוספים"])),
    ("fa", words(["همهٔ شماره‌ها", "شمارهٔ قبلی", "شمارهٔ بعدی", "اشتراک", "شماره‌های تازه‌تر", "شماره‌های قدیمی‌تر", "هنوز شماره‌ای منتشر نشده است.", "شماره‌های دیگر"])),
    ("tr", words(["Tüm sayılar", "Önceki sayı", "Sonraki sayı", "Abone ol", "Daha yeni sayılar", "Daha eski sayılar", "Henüz hiçbir sayı yayımlanmadı.", "Diğer sayılar"])),
    ("sv", words(["Alla nummer", "Föregående nummer", "Nästa nummer", "Prenumerera", "Nyare nummer", "Äldre nummer", "Inget nummer har kommit ut ännu.", "Fler nummer"])),
    ("da", words(["Alle numre", "Forrige nummer", "Næste nummer", "Abonnér", "Nyere numre", "Ældre numre", "Der er ikke udkommet noget nummer endnu.", "Flere numre"])),
    ("nb", words(["Alle utgaver", "Forrige utgave", "Neste utgave", "Abonner", "Nyere utgaver", "Eldre utgaver", "Ingen utgave har kommet ennå.", "Flere utgaver"])),
    ("cs", words(["Všechna vydání", "Předchozí vydání", "Další vydání", "Odebírat", "Novější vydání", "Starší vydání", "Zatím nevyšlo žádné vydání.", "Další čísla"])),
];

impl Words {
    /// The words of a BCP 47 language; English where we know none.
    pub fn of(lang: &str) -> Words {
        in_language(&KNOWN, lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_letters_know_is_known_here() {
        for (name, _) in KNOWN {
            assert_eq!(crate::compose::words::known_as(name), name);
            assert!(name == "en" || Words::of(name) != ENGLISH, "{name}");
        }
        assert_eq!(Words::of("de-AT").subscribe, "Abonnieren");
        assert_eq!(Words::of("xx"), ENGLISH);
    }
}

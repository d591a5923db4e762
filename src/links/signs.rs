//! Words by which a page says that it is not the page: not found, for sale, for browsers only.

/// What many kinds of software put into the title or first heading of a page that is not there, in lower case
/// and without the words of [`FILLING`].
const NOT_FOUND: [&str; 54] = [
    "not found",
    "page not found",
    "the page was not found",
    "page was not found",
    "page cannot be found",
    "the page cannot be found",
    "page could not be found",
    "the page could not be found",
    "page doesn't exist",
    "page does not exist",
    "this page doesn't exist",
    "this page does not exist",
    "page isn't available",
    "this page isn't available",
    "page is not available",
    "page not available",
    "content not found",
    "content not available",
    "article not found",
    "post not found",
    "file not found",
    "nothing found",
    "nothing found here",
    "nothing here",
    "page missing",
    "that page can't be found",
    "oops! that page can't be found",
    "we can't find that page",
    "we can't find the page you're looking for",
    "seite nicht gefunden",
    "nicht gefunden",
    "die seite wurde nicht gefunden",
    "page introuvable",
    "page non trouvée",
    "página no encontrada",
    "no encontrado",
    "pagina non trovata",
    "página não encontrada",
    "pagina niet gevonden",
    "sidan hittades inte",
    "siden ble ikke funnet",
    "siden blev ikke fundet",
    "sivua ei löytynyt",
    "nie znaleziono strony",
    "strona nie istnieje",
    "stránka nenalezena",
    "az oldal nem található",
    "страница не найдена",
    "сторінку не знайдено",
    "старонка не знойдзена",
    "sayfa bulunamadı",
    "ページが見つかりません",
    "页面不存在",
    "페이지를 찾을 수 없습니다",
];

/// Words that stand around the others in such titles.
const FILLING: [&str; 12] = [
    "404",
    "error",
    "http",
    "oops",
    "ooops",
    "whoops",
    "sorry",
    "uh-oh",
    "fehler",
    "erreur",
    "ошибка",
    "fel",
];

/// Whether a title or heading says that there is no such page. A title that merely holds the words, such as
/// “404 Media” or “The treasure that was not found”, does not.
pub fn says_not_found(title: &str) -> bool {
    let parts = title.split(['|', '–', '—', '·', '•', '»', '«', ':']).flat_map(|part| part.split(" - "));
    parts.into_iter().any(|part| is_not_found(&part.to_lowercase().replace('’', "'")))
}

fn is_not_found(part: &str) -> bool {
    let bare = |word: &str| {
        word.trim_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '…' | '。' | '！')).to_owned()
    };
    // Google ends its title so.
    let part = part.trim_end_matches("!!1");
    let words: Vec<String> = part.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !FILLING.contains(word)).collect();
    match rest.is_empty() {
        true => words.iter().any(|word| word == "404"),
        false => NOT_FOUND.contains(&rest.join(" ").as_str()),
    }
}

/// Marks in the source of a page that a seller of domains shows in place of a site, in lower case.
const PARKED_MARKS: [(&str, &str); 12] = [
    ("sedoparking.com", "Sedo"),
    ("parkingcrew.net", "ParkingCrew"),
    ("d38psrni17bvxu.cloudfront.net", "ParkingCrew"),
    ("parking.bodiscdn.com", "Bodis"),
    ("bodis.com/", "Bodis"),
    ("img1.wsimg.com/parking-lander", "GoDaddy"),
    ("location.href=\"/lander\"", "GoDaddy"),
    ("hugedomains.com/domain_profile", "HugeDomains"),
    ("cdn.parklogic.com", "ParkLogic"),
    ("afternic.com/forsale", "Afternic"),
    ("dan.com/buy-domain", "Dan"),
    ("window.park = ", "a seller of domains"),
];

/// Hosts that only sell other people's names.
const SELLERS: [&str; 8] = [
    "hugedomains.com",
    "sedo.com",
    "dan.com",
    "afternic.com",
    "bodis.com",
    "parkingcrew.net",
    "sedoparking.com",
    "buydomains.com",
];

const FOR_SALE: [&str; 9] = [
    "domain is for sale",
    "domain name is for sale",
    "domain may be for sale",
    "domain for sale",
    "buy this domain",
    "this domain is parked",
    "domain has expired",
    "domain steht zum verkauf",
    "domaine est à vendre",
];

/// Who parked a domain, told by its title and first heading, and by marks in its source (in lower case).
pub fn parked_by(heads: &[&str], source: &str) -> Option<&'static str> {
    let is_for_sale = |head: &&str| {
        let head = head.to_lowercase();
        FOR_SALE.iter().any(|words| head.contains(words))
    };
    let marked = PARKED_MARKS.iter().find(|(mark, _)| source.contains(mark)).map(|(_, who)| *who);
    marked.or_else(|| heads.iter().any(is_for_sale).then_some("a seller of domains"))
}

/// Whether a site only sells the names of others.
pub fn is_seller(site: &str) -> bool {
    SELLERS.contains(&site)
}

/// Whether an answer may be meant for robots alone: forms on any other error page may ask for a captcha, too.
pub fn may_turn_robots_away(status: u16) -> bool {
    matches!(status, 401 | 403 | 405 | 429 | 503)
}

/// Who keeps robots out, told by the beginning of an error page.
pub fn wall_of_error(page: &str) -> Option<&'static str> {
    let page = page.to_lowercase();
    let signs = [
        ("just a moment...", "Cloudflare"),
        ("cf-browser-verification", "Cloudflare"),
        ("captcha", "a captcha"),
        ("are you a robot", "a robot test"),
        ("verify you are human", "a robot test"),
        ("unusual traffic", "a robot test"),
    ];
    signs.into_iter().find(|(sign, _)| page.contains(sign)).map(|(_, name)| name)
}

/// Who keeps robots out though the answer is a good one: told by the title alone, since any page may speak of
/// robots.
pub fn wall_of_title(title: &str) -> Option<&'static str> {
    let title = title.trim().to_lowercase();
    let signs = [
        ("just a moment...", "Cloudflare"),
        ("attention required! | cloudflare", "Cloudflare"),
        ("pardon our interruption", "a robot test"),
        ("are you a robot?", "a robot test"),
        ("robot check", "a robot test"),
        ("human verification", "a robot test"),
        ("verify you are human", "a robot test"),
        ("security check", "a robot test"),
        ("access denied", "a wall"),
        ("access to this page has been denied", "a wall"),
    ];
    signs.into_iter().find(|(sign, _)| title == *sign).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_says_so_in_many_ways() {
        for title in [
            "404",
            "Page not found | Example",
            "Example – Seite nicht gefunden",
            "Error 404 (Not Found)!!1",
            "404 - Not Found",
            "Oops! That page can’t be found.",
            "Страница не найдена — Пример",
            "ページが見つかりません",
            "404: Page introuvable",
        ] {
            assert!(says_not_found(title), "{title}");
        }
        for title in [
            "404 Media",
            "The treasure that was not found",
            "Lost and not found: a story",
            "How to make a 404 page",
            "Error handling in Rust",
            "",
        ] {
            assert!(!says_not_found(title), "{title}");
        }
    }

    #[test]
    fn a_parked_domain_is_known_by_its_marks_and_its_title() {
        assert_eq!(parked_by(&[], "<script src=//sedoparking.com/x.js>"), Some("Sedo"));
        assert_eq!(parked_by(&["example.org - This domain is for sale!"], ""), Some("a seller of domains"));
        assert_eq!(parked_by(&["A boat for sale", "Boats"], "<p>boats and parking"), None);
    }

    #[test]
    fn a_wall_is_known_by_its_page() {
        assert_eq!(wall_of_error("<title>Just a moment...</title>"), Some("Cloudflare"));
        assert_eq!(wall_of_error("<h1>Not found</h1>"), None);
        assert_eq!(wall_of_title("Just a moment..."), Some("Cloudflare"));
        assert_eq!(wall_of_title("Just a moment... in the life of a whale"), None);
    }
}

//! What stands above the text: series, number, author, and the date in the language of the issue.

use jiff::civil::Date;

use super::words::Words;
use crate::model::issue::FrontMatter;

/// What stands around the title of a page, and in which language.
#[derive(Debug, Clone)]
pub struct Masthead {
    /// BCP 47.
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// Series and number.
    pub kicker: Vec<String>,
    pub author: Option<String>,
    /// The day that it names.
    pub date: Option<Date>,
    /// Minutes that reading it takes, at least one.
    pub minutes: usize,
}

impl Masthead {
    /// As the front matter has it.
    pub fn of(front: &FrontMatter, lang: &str, minutes: usize) -> Masthead {
        Masthead {
            lang: lang.to_owned(),
            dir: direction(lang),
            kicker: kicker(front),
            author: front.author.as_ref().map(|author| author.value.clone()),
            date: front.date.as_ref().map(|date| date.value),
            minutes,
        }
    }

    /// The day in words.
    pub fn long_date(&self) -> Option<String> {
        self.date.map(|date| long_date(date, &self.lang))
    }

    /// How long it takes to read, if that is more than a minute.
    pub fn reading_time(&self) -> Option<String> {
        (self.minutes > 1).then(|| Words::of(&self.lang).reading_time(self.minutes))
    }
}

/// What stands above the title: the series and the number of the issue, as far as the front matter names them.
pub fn kicker(front: &FrontMatter) -> Vec<String> {
    let series = front.series.as_ref().map(|series| series.value.clone());
    let number = front.number.as_ref().map(|number| format!("#{}", number.value));
    series.into_iter().chain(number).collect()
}

/// What stands below it: author, date, and how long it takes to read, if that is more than a minute.
pub fn byline(front: &FrontMatter, lang: &str, minutes: usize) -> Vec<String> {
    let author = front.author.as_ref().map(|author| author.value.clone());
    let date = front.date.as_ref().map(|date| long_date(date.value, lang));
    let time = (minutes > 1).then(|| Words::of(lang).reading_time(minutes));
    author.into_iter().chain(date).chain(time).collect()
}

/// Minutes that reading `text` aloud in one's head takes, at least one: 230 words a minute, or 450 characters
/// where a language writes no spaces.
pub fn minutes(text: &str) -> usize {
    let wide = text.chars().filter(|c| is_ideographic(*c)).count();
    let words =
        text.split(|c: char| c.is_whitespace() || is_ideographic(c)).filter(|word| !word.is_empty()).count();
    (words * 450 + wide * 230).div_ceil(230 * 450).max(1)
}

/// Kana, Han and Thai: written without spaces between words.
fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// `10 July`, `July 10`, `10. Juli`, `7月10日`…: the day without its year.
pub fn short_date(date: Date, lang: &str) -> String {
    let lang = lang.to_ascii_lowercase();
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    let (day, month) = (date.day(), date.month());
    if let Some((moon, sun)) = counted(primary) {
        return format!("{month}{moon}{day}{sun}");
    }
    let Some(months) = months(primary) else { return date.strftime("%m-%d").to_string() };
    let name = months[usize::try_from(month - 1).expect("a month is 1 to 12")];
    match primary {
        "en" if is_american(&lang) => format!("{name} {day}"),
        "de" | "cs" | "da" | "nb" | "no" | "nn" => format!("{day}. {name}"),
        "fr" if day == 1 => format!("1er {name}"),
        "es" | "pt" => format!("{day} de {name}"),
        _ => format!("{day} {name}"),
    }
}

/// Where months have numbers: what stands behind the number of the month, and of the day.
fn counted(primary: &str) -> Option<(&'static str, &'static str)> {
    match primary {
        "zh" | "ja" => Some(("月", "日")),
        "ko" => Some(("월 ", "일")),
        _ => None,
    }
}

fn is_american(lang: &str) -> bool {
    matches!(lang, "en" | "en-us" | "en-ca")
}

/// `10 July 2025`, `July 10, 2025`, `10. Juli 2025`… by BCP 47 language; `2025-07-10` where we know no words.
pub fn long_date(date: Date, lang: &str) -> String {
    let lang = lang.to_ascii_lowercase();
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    match primary {
        "zh" | "ja" => return format!("{}年{}", date.year(), short_date(date, primary)),
        "ko" => return format!("{}년 {}", date.year(), short_date(date, primary)),
        _ => {}
    }
    let Some(months) = months(primary) else { return date.to_string() };
    let index = usize::try_from(date.month() - 1).expect("a month is 1 to 12");
    let (day, month, year) = (date.day(), months[index], date.year());
    match primary {
        "en" if is_american(&lang) => format!("{month} {day}, {year}"),
        "de" | "cs" | "da" | "nb" | "no" | "nn" => format!("{day}. {month} {year}"),
        "fr" if day == 1 => format!("1er {month} {year}"),
        "es" | "pt" => format!("{day} de {month} de {year}"),
        "ru" | "be" => format!("{day} {month} {year} г."),
        "uk" => format!("{day} {month} {year} р."),
        _ => format!("{day} {month} {year}"),
    }
}

/// Whether the language is written from right to left: `rtl` or `ltr`.
pub fn direction(lang: &str) -> &'static str {
    let lang = lang.to_ascii_lowercase();
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    let right_to_left = ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi"];
    let in_arabic = lang.contains("-arab") || lang.contains("-hebr");
    match right_to_left.contains(&primary) || in_arabic {
        true if !lang.contains("-latn") && !lang.contains("-cyrl") => "rtl",
        _ => "ltr",
    }
}

/// Names of months as they stand in dates, in the genitive where the language wants it; `primary` is the first part
/// of a BCP 47 language, in lower case. `None` where we know no words.
pub fn months(primary: &str) -> Option<[&'static str; 12]> {
    let names = match primary {
        "en" => "January February March April May June July August September October November December",
        "de" => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "fr" => "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "es" => "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "it" => {
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        }
        "nl" => "januari februari maart april mei juni juli augustus september oktober november december",
        "pl" => {
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
        }
        "pt" => "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "ru" => "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "uk" => "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
        "ar" => "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
        "he" => "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
        "tr" => "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
        "sv" => "januari februari mars april maj juni juli augusti september oktober november december",
        "da" => "januar februar marts april maj juni juli august september oktober november december",
        "nb" | "no" | "nn" => {
            "januar februar mars april mai juni juli august september oktober november desember"
        }
        "cs" => "ledna února března dubna května června července srpna září října listopadu prosince",
        "be" => {
            "студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня"
        }
        _ => return None,
    };
    let mut words = names.split(' ');
    Some(std::array::from_fn(|_| words.next().expect("every language names twelve months")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_the_language_writes_it() {
        let date = jiff::civil::date(2025, 7, 10);
        assert_eq!(long_date(date, "en-GB"), "10 July 2025");
        assert_eq!(long_date(date, "en-US"), "July 10, 2025");
        assert_eq!(long_date(date, "de"), "10. Juli 2025");
        assert_eq!(long_date(date, "pt-BR"), "10 de julho de 2025");
        assert_eq!(long_date(date, "be"), "10 ліпеня 2025 г.");
        assert_eq!(long_date(date, "ja"), "2025年7月10日");
        assert_eq!(long_date(date, "ko-KR"), "2025년 7월 10일");
        assert_eq!(long_date(date, "he"), "10 ביולי 2025");
        assert_eq!(long_date(date, "xx"), "2025-07-10");
    }

    #[test]
    fn a_day_reads_as_the_language_writes_it_without_its_year() {
        let date = jiff::civil::date(2025, 7, 10);
        let days = ["en-GB", "en-US", "de", "es", "zh", "ko", "xx"].map(|lang| short_date(date, lang));
        assert_eq!(days, ["10 July", "July 10", "10. Juli", "10 de julio", "7月10日", "7월 10일", "07-10"]);
    }

    #[test]
    fn reading_takes_as_long_as_there_are_words() {
        assert_eq!([minutes(""), minutes("one"), minutes(&"word ".repeat(231))], [1, 1, 2]);
        assert_eq!(minutes(&"字".repeat(900)), 2);
    }

    #[test]
    fn the_lines_around_the_title_say_what_the_front_matter_names() {
        use crate::model::issue::At;
        let mut front = FrontMatter::default();
        assert!(kicker(&front).is_empty() && byline(&front, "en", 1).is_empty());
        front.number = Some(At::new(12, 0..0));
        front.author = Some(At::new("Paul Hansbury".to_owned(), 0..0));
        front.date = Some(At::new(jiff::civil::date(2025, 7, 10), 0..0));
        assert_eq!(kicker(&front), ["#12"]);
        assert_eq!(byline(&front, "en-GB", 8), ["Paul Hansbury", "10 July 2025", "8 min read"]);
    }

    #[test]
    fn every_language_names_twelve_months() {
        for lang in [
            "en", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "uk", "be", "ar", "he", "tr", "sv", "da",
            "cs",
        ] {
            assert!(months(lang).is_some_and(|names| names.iter().all(|name| !name.is_empty())), "{lang}");
        }
    }

    #[test]
    fn direction_follows_the_script() {
        assert_eq!(
            [direction("ar"), direction("he-IL"), direction("en"), direction("az-Arab")],
            ["rtl", "rtl", "ltr", "rtl"]
        );
    }
}

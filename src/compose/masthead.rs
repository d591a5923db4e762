//! What stands above the text: series, number, author, and the date in the language of the issue.

use jiff::civil::Date;

use crate::model::issue::FrontMatter;

/// The parts of the line above the text, in order; what the front matter does not name is left out.
pub fn parts(front: &FrontMatter, lang: &str) -> Vec<String> {
    [
        front.series.as_ref().map(|series| series.value.clone()),
        front.number.as_ref().map(|number| format!("#{}", number.value)),
        front.author.as_ref().map(|author| author.value.clone()),
        front.date.as_ref().map(|date| long_date(date.value, lang)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `10 July 2025`, `July 10, 2025`, `10. Juli 2025`… by BCP 47 language; `2025-07-10` where we know no words.
pub fn long_date(date: Date, lang: &str) -> String {
    let lang = lang.to_ascii_lowercase();
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    let Some(months) = months(primary) else { return date.to_string() };
    let index = usize::try_from(date.month() - 1).expect("a month is 1 to 12");
    let (day, month, year) = (date.day(), months[index], date.year());
    match primary {
        "en" if matches!(lang.as_str(), "en" | "en-us" | "en-ca") => format!("{month} {day}, {year}"),
        "de" => format!("{day}. {month} {year}"),
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

/// Names of months as they stand in dates: in the genitive where the language wants it.
fn months(primary: &str) -> Option<[&'static str; 12]> {
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
        assert_eq!(long_date(date, "ja"), "2025-07-10");
    }

    #[test]
    fn every_language_names_twelve_months() {
        for lang in ["en", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "uk", "be"] {
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

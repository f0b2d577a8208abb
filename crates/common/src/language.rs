//! Languages by their ISO 639-2 codes: what people call them, and the two spellings of some.

/// Codes of ISO 639-2: bibliographic, terminological, and the language's name in English.
const LANGUAGES: &[(&str, &str, &str)] = &[
    ("alb", "sqi", "Albanian"),
    ("ara", "ara", "Arabic"),
    ("arm", "hye", "Armenian"),
    ("baq", "eus", "Basque"),
    ("ben", "ben", "Bengali"),
    ("bul", "bul", "Bulgarian"),
    ("bur", "mya", "Burmese"),
    ("cat", "cat", "Catalan"),
    ("chi", "zho", "Chinese"),
    ("hrv", "hrv", "Croatian"),
    ("cze", "ces", "Czech"),
    ("dan", "dan", "Danish"),
    ("dut", "nld", "Dutch"),
    ("eng", "eng", "English"),
    ("est", "est", "Estonian"),
    ("fin", "fin", "Finnish"),
    ("fre", "fra", "French"),
    ("geo", "kat", "Georgian"),
    ("ger", "deu", "German"),
    ("gre", "ell", "Greek"),
    ("heb", "heb", "Hebrew"),
    ("hin", "hin", "Hindi"),
    ("hun", "hun", "Hungarian"),
    ("ice", "isl", "Icelandic"),
    ("ind", "ind", "Indonesian"),
    ("gle", "gle", "Irish"),
    ("ita", "ita", "Italian"),
    ("jpn", "jpn", "Japanese"),
    ("kor", "kor", "Korean"),
    ("lav", "lav", "Latvian"),
    ("lit", "lit", "Lithuanian"),
    ("mac", "mkd", "Macedonian"),
    ("mao", "mri", "Maori"),
    ("may", "msa", "Malay"),
    ("nor", "nor", "Norwegian"),
    ("per", "fas", "Persian"),
    ("pol", "pol", "Polish"),
    ("por", "por", "Portuguese"),
    ("rum", "ron", "Romanian"),
    ("rus", "rus", "Russian"),
    ("srp", "srp", "Serbian"),
    ("slo", "slk", "Slovak"),
    ("slv", "slv", "Slovenian"),
    ("spa", "spa", "Spanish"),
    ("swe", "swe", "Swedish"),
    ("tam", "tam", "Tamil"),
    ("tel", "tel", "Telugu"),
    ("tha", "tha", "Thai"),
    ("tib", "bod", "Tibetan"),
    ("tur", "tur", "Turkish"),
    ("ukr", "ukr", "Ukrainian"),
    ("urd", "urd", "Urdu"),
    ("vie", "vie", "Vietnamese"),
    ("wel", "cym", "Welsh"),
];

fn entry(code: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    LANGUAGES.iter().find(|(b, t, _)| *b == code || *t == code)
}

/// The language's name, or the code itself where it isn't one of those that people meet.
pub fn english(code: &str) -> &str {
    entry(code).map_or(code, |(_, _, name)| name)
}

/// True for `en`, `pt-BR`, `zh-Hant-TW` and the like: what can be a language, and part of a file's name.
/// Source: <https://www.rfc-editor.org/rfc/rfc5646#section-2.1>.
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    let fits = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    is_language && text.len() <= 35 && parts.all(fits)
}

/// A BCP 47 tag in words: `Portuguese (BR)` for `pt-BR`, the tag itself where the language isn't known.
pub fn label(tag: &str) -> String {
    let (language, rest) = tag.split_once('-').unwrap_or((tag, ""));
    let language = language.to_ascii_lowercase();
    let short = SHORT.iter().find(|(code, _)| *code == language);
    let code = short.map_or(language.as_str(), |(_, code)| code);
    match entry(code) {
        Some((.., name)) if rest.is_empty() => (*name).to_owned(),
        Some((.., name)) => format!("{name} ({rest})"),
        None => tag.to_owned(),
    }
}

/// True for two spellings of one tag: `de`, `ger` and `DEU`.
pub fn is_same(one: &str, other: &str) -> bool {
    let parts = |tag: &str| {
        let tag = tag.to_ascii_lowercase();
        let (language, rest) = tag.split_once('-').unwrap_or((&tag, ""));
        let short = SHORT.iter().find(|(code, _)| *code == language);
        let code = short.map_or(language, |(_, code)| code);
        (terminological(code).to_owned(), rest.to_owned())
    };
    parts(one) == parts(other)
}

/// Codes of ISO 639-1 for those of the languages that have one.
const SHORT: &[(&str, &str)] = &[
    ("sq", "sqi"),
    ("ar", "ara"),
    ("hy", "hye"),
    ("eu", "eus"),
    ("bn", "ben"),
    ("bg", "bul"),
    ("my", "mya"),
    ("ca", "cat"),
    ("zh", "zho"),
    ("hr", "hrv"),
    ("cs", "ces"),
    ("da", "dan"),
    ("nl", "nld"),
    ("en", "eng"),
    ("et", "est"),
    ("fi", "fin"),
    ("fr", "fra"),
    ("ka", "kat"),
    ("de", "deu"),
    ("el", "ell"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hu", "hun"),
    ("is", "isl"),
    ("id", "ind"),
    ("ga", "gle"),
    ("it", "ita"),
    ("ja", "jpn"),
    ("ko", "kor"),
    ("lv", "lav"),
    ("lt", "lit"),
    ("mk", "mkd"),
    ("mi", "mri"),
    ("ms", "msa"),
    ("no", "nor"),
    ("fa", "fas"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "ron"),
    ("ru", "rus"),
    ("sr", "srp"),
    ("sk", "slk"),
    ("sl", "slv"),
    ("es", "spa"),
    ("sv", "swe"),
    ("ta", "tam"),
    ("te", "tel"),
    ("th", "tha"),
    ("bo", "bod"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("ur", "urd"),
    ("vi", "vie"),
    ("cy", "cym"),
];

/// The spelling that MediaConvert uses: `deu` for `ger`.
pub fn terminological(code: &str) -> &str {
    entry(code).map_or(code, |(_, code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, SHORT, english, is_same, is_tag, label, terminological};

    #[test]
    fn tags_have_words() {
        for tag in ["en", "gsw", "pt-BR", "zh-Hant-TW", "und"] {
            assert!(is_tag(tag), "{tag}");
        }
        for text in ["", "e", "english", "en_GB", "en-", "../en", "1080p", "x264"] {
            assert!(!is_tag(text), "{text}");
        }
        assert_eq!(label("de"), "German");
        assert_eq!(label("ger"), "German");
        assert_eq!(label("pt-BR"), "Portuguese (BR)");
        assert_eq!(label("tlh"), "tlh");
        for (_, code) in SHORT {
            assert!(
                LANGUAGES.iter().any(|(_, known, _)| known == code),
                "{code}"
            );
        }
    }

    #[test]
    fn one_tag_has_several_spellings() {
        for (one, other) in [
            ("de", "ger"),
            ("deu", "DE"),
            ("pt-BR", "por-br"),
            ("tlh", "tlh"),
        ] {
            assert!(is_same(one, other), "{one} {other}");
        }
        for (one, other) in [("de", "en"), ("pt", "pt-BR"), ("und", "en")] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn both_spellings_of_a_language_are_known() {
        assert_eq!(english("ger"), "German");
        assert_eq!(english("deu"), "German");
        assert_eq!(terminological("fre"), "fra");
        assert_eq!(terminological("eng"), "eng");
        assert_eq!((english("tlh"), terminological("tlh")), ("tlh", "tlh"));
    }
}

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

/// The spelling that MediaConvert uses: `deu` for `ger`.
pub fn terminological(code: &str) -> &str {
    entry(code).map_or(code, |(_, code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::{english, terminological};

    #[test]
    fn both_spellings_of_a_language_are_known() {
        assert_eq!(english("ger"), "German");
        assert_eq!(english("deu"), "German");
        assert_eq!(terminological("fre"), "fra");
        assert_eq!(terminological("eng"), "eng");
        assert_eq!((english("tlh"), terminological("tlh")), ("tlh", "tlh"));
    }
}

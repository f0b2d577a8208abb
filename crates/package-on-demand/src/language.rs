//! Languages of tracks as BCP 47 tags.

use isolang::Language;

/// Codes of ISO 639-2/B, which some writers use, and those of ISO 639-3 for the same languages.
const BIBLIOGRAPHIC: [(&str, &str); 20] = [
    ("alb", "sqi"),
    ("arm", "hye"),
    ("baq", "eus"),
    ("bur", "mya"),
    ("chi", "zho"),
    ("cze", "ces"),
    ("dut", "nld"),
    ("fre", "fra"),
    ("geo", "kat"),
    ("ger", "deu"),
    ("gre", "ell"),
    ("ice", "isl"),
    ("mac", "mkd"),
    ("mao", "mri"),
    ("may", "msa"),
    ("per", "fas"),
    ("rum", "ron"),
    ("slo", "slk"),
    ("tib", "bod"),
    ("wel", "cym"),
];

/// Macintosh language codes, in order from zero:
/// <https://developer.apple.com/documentation/quicktime-file-format/language_code_values>.
const MACINTOSH: [&str; 34] = [
    "en", "fr", "de", "it", "nl", "sv", "es", "da", "pt", "no", "he", "ja", "ar", "fi", "el", "is",
    "mt", "tr", "hr", "zh-Hant", "ur", "hi", "th", "ko", "lt", "pl", "hu", "et", "lv", "se", "fo",
    "fa", "ru", "zh-Hans",
];

/// The tag for the language code of an `mdhd` box: three packed letters, or a Macintosh code. `None` where it says nothing.
pub(crate) fn from_packed(code: u16) -> Option<String> {
    if code < 0x400 {
        // Zero is English in QuickTime, and what writers leave that never set it.
        return MACINTOSH
            .get(usize::from(code))
            .filter(|_| code != 0)
            .map(|tag| (*tag).to_owned());
    }
    let letter = |shift: u16| {
        let value = u8::try_from(code >> shift & 0x1f).unwrap_or(0);
        char::from(0x60 + value)
    };
    shortest(
        &[letter(10), letter(5), letter(0)]
            .iter()
            .collect::<String>(),
    )
}

/// A tag in its shortest form, as RFC 5646, 2.2.1 asks for: `de`, not `deu` or `ger`. `None` where it is no tag, or says nothing.
pub(crate) fn shortest(tag: &str) -> Option<String> {
    let (primary, rest) = tag
        .split_once('-')
        .map_or((tag, None), |(primary, rest)| (primary, Some(rest)));
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if tag.len() > 35 || !rest.is_none_or(|rest| rest.split('-').all(is_subtag)) {
        return None;
    }
    let primary = primary.to_ascii_lowercase();
    if !(2..=3).contains(&primary.len())
        || matches!(primary.as_str(), "und" | "mis" | "mul" | "zxx")
    {
        return None;
    }
    let code = BIBLIOGRAPHIC
        .iter()
        .find_map(|(bibliographic, code)| (*bibliographic == primary).then_some(*code))
        .unwrap_or(&primary);
    let language = Language::from_639_3(code).or_else(|| Language::from_639_1(code))?;
    let short = language.to_639_1().unwrap_or(language.to_639_3());
    Some(rest.map_or(short.to_owned(), |rest| format!("{short}-{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_shortened() {
        assert_eq!(shortest("ger").as_deref(), Some("de"));
        assert_eq!(shortest("deu").as_deref(), Some("de"));
        assert_eq!(shortest("por-BR").as_deref(), Some("pt-BR"));
        assert_eq!(shortest("gsw").as_deref(), Some("gsw"));
        assert_eq!(shortest("und"), None);
        assert_eq!(shortest("de\"\r\n"), None);
    }

    #[test]
    fn packed_codes_are_read() {
        let packed = |letters: &[u8; 3]| {
            letters
                .iter()
                .fold(0, |code, letter| code << 5 | u16::from(letter - 0x60))
        };
        assert_eq!(from_packed(packed(b"fra")).as_deref(), Some("fr"));
        assert_eq!(from_packed(packed(b"und")), None);
        assert_eq!(from_packed(0x7fff), None);
        assert_eq!(from_packed(2).as_deref(), Some("de"));
    }
}

//! Languages by their ISO 639 codes: what people call them, and the spellings of each.

/// Every language of ISO 639-2, and those further ones of ISO 639-3 that have an English name in Unicode's CLDR: code of
/// ISO 639-3 (of ISO 639-2, the terminological one), the bibliographic one where it is another, that of ISO 639-1, and
/// CLDR's name, or else the standard's. Sources: <https://www.loc.gov/standards/iso639-2/>, <https://cldr.unicode.org>.
const LANGUAGES: &str = include_str!("language.tsv");

/// A row of the table.
struct Language {
    terminological: &'static str,
    bibliographic: &'static str,
    short: &'static str,
    name: &'static str,
}

fn languages() -> impl Iterator<Item = Language> {
    LANGUAGES.lines().filter_map(|line| {
        let mut columns = line.split('\t');
        Some(Language {
            terminological: columns.next()?,
            bibliographic: columns.next()?,
            short: columns.next()?,
            name: columns.next()?,
        })
    })
}

/// The language that any of its codes names, whatever the case.
fn find(code: &str) -> Option<Language> {
    let is_code = |known: &str| known.eq_ignore_ascii_case(code);
    languages().find(|language| {
        let Language {
            terminological,
            bibliographic,
            short,
            ..
        } = language;
        !code.is_empty()
            && [terminological, bibliographic, short]
                .into_iter()
                .any(|known| is_code(known))
    })
}

/// The language's name, or the code itself where it isn't one of a language.
pub fn english(code: &str) -> &str {
    find(code).map_or(code, |language| language.name)
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
    match find(language) {
        Some(Language { name, .. }) if rest.is_empty() => name.to_owned(),
        Some(Language { name, .. }) => format!("{name} ({rest})"),
        None => tag.to_owned(),
    }
}

/// True for two spellings of one tag: `de`, `ger` and `DEU`.
pub fn is_same(one: &str, other: &str) -> bool {
    let parts = |tag: &str| {
        let tag = tag.to_ascii_lowercase();
        let (language, rest) = tag.split_once('-').unwrap_or((&tag, ""));
        (terminological(language).to_owned(), rest.to_owned())
    };
    parts(one) == parts(other)
}

/// The spelling that MediaConvert uses: `deu` for `ger`.
pub fn terminological(code: &str) -> &str {
    find(code).map_or(code, |language| language.terminological)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{english, is_same, is_tag, label, languages, terminological};

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
        assert_eq!(label("xyz-AB"), "xyz-AB");
        for (tag, name) in [
            ("nob", "Norwegian Bokmål"),
            ("fil", "Filipino"),
            ("swa", "Swahili"),
            ("yue", "Cantonese"),
            ("cmn-Hans", "Chinese (Hans)"),
        ] {
            assert_eq!(label(tag), name);
        }
    }

    #[test]
    fn each_code_is_of_one_language_and_each_language_has_a_name() {
        let mut codes = BTreeSet::new();
        for language in languages() {
            assert!(!language.name.is_empty(), "{}", language.terminological);
            let own = [
                language.terminological,
                language.bibliographic,
                language.short,
            ];
            for code in own.into_iter().filter(|code| !code.is_empty()) {
                assert!(is_tag(code) && codes.insert(code), "{code}");
            }
        }
        // 183 of ISO 639-1; 485 of ISO 639-2, 20 of them with two codes.
        assert!(codes.len() > 183 + 485 + 20);
    }

    #[test]
    fn one_tag_has_several_spellings() {
        for (one, other) in [
            ("de", "ger"),
            ("deu", "DE"),
            ("pt-BR", "por-br"),
            ("xyz", "xyz"),
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
        assert_eq!((english("xyz"), terminological("xyz")), ("xyz", "xyz"));
    }
}

//! Files of captions that lie beside a source: `film.srt` and `film.en.srt` beside `film.mp4`.

use super::{Format, Origin, Track, UNKNOWN};
use crate::language;

/// What the key of a file of captions says, as beside one source.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sidecar {
    /// BCP 47 tag, where the name has one.
    pub language: Option<String>,
    /// By the extension, which is what MediaConvert goes by.
    pub format: Format,
}

/// True where an object of this key is no video but captions.
pub fn is_captions(key: &str) -> bool {
    split(key).is_some()
}

/// True where MediaConvert reads a file of this key: it knows extensions in small or in capital letters, and refuses the
/// whole job for `film.en.Srt`.
/// Source: the pattern of `FileSourceSettings.sourceFile` in the service model.
pub fn is_readable(key: &str) -> bool {
    let extension = key.rsplit('.').next().unwrap_or_default();
    let is_small = extension.bytes().all(|byte| byte.is_ascii_lowercase());
    is_small || extension.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A source's key without its extension: what sidecars begin with.
pub fn stem(key: &str) -> &str {
    let name = key.rfind('/').map_or(0, |slash| slash + 1);
    match key[name..].rfind('.') {
        Some(dot) if dot > 0 => &key[..name + dot],
        _ => key,
    }
}

impl Sidecar {
    /// What `key` is beside the source, `None` where it isn't captions of that.
    pub fn of(key: &str, source_key: &str) -> Option<Self> {
        let (name, format) = split(key)?;
        let language = match name.strip_prefix(stem(source_key))? {
            "" => None,
            rest => Some(rest.strip_prefix('.').filter(|tag| language::is_tag(tag))?),
        };
        Some(Self {
            language: language.map(str::to_owned),
            format,
        })
    }

    /// The track, in the object with this key.
    pub fn track(self, key: &str) -> Track {
        let label = self.language.as_deref().map(language::label);
        Track {
            label: label.unwrap_or_else(|| "Captions".to_owned()),
            language: self.language.unwrap_or_else(|| UNKNOWN.to_owned()),
            origin: Origin::File {
                key: key.to_owned(),
                format: self.format,
            },
        }
    }
}

fn split(key: &str) -> Option<(&str, Format)> {
    let (stem, extension) = key.rsplit_once('.')?;
    let is_named = !stem.is_empty() && !stem.ends_with('/');
    let format = match extension.to_ascii_lowercase().as_str() {
        "srt" => Format::Srt,
        "vtt" => Format::WebVtt,
        "ttml" | "dfxp" => Format::Ttml,
        "scc" => Format::Scc,
        _ => return None,
    };
    is_named.then_some((stem, format))
}

#[cfg(test)]
mod tests {
    use super::{Sidecar, is_captions, is_readable};

    #[test]
    fn a_sidecar_lies_beside_the_source_of_its_name() {
        let language = |key: &str, source: &str| Sidecar::of(key, source).map(|it| it.language);
        assert_eq!(language("a/film.srt", "a/film.mp4"), Some(None));
        assert_eq!(
            language("a/film.pt-BR.vtt", "a/film.mp4"),
            Some(Some("pt-BR".into()))
        );
        assert_eq!(language("a/film.en.srt", "a/film.en.mp4"), Some(None));
        assert_eq!(language("a/film.en.srt", "a/film"), Some(Some("en".into())));
        assert_eq!(language("a/film.final.cut.srt", "a/film.mp4"), None);
        assert_eq!(language("a/film2.srt", "a/film.mp4"), None);
        assert_eq!(language("b/film.srt", "a/film.mp4"), None);
        assert_eq!(language("a/film.txt", "a/film.mp4"), None);
    }

    #[test]
    fn captions_are_known_by_their_extension() {
        assert!(is_captions("a/film.DFXP") && is_captions("film.en.srt"));
        assert!(!is_captions("a/film.mp4") && !is_captions("a/.srt") && !is_captions("srt"));
    }

    #[test]
    fn an_extension_of_mixed_letters_is_not_read() {
        assert!(is_readable("a/film.en.srt") && is_readable("a/Film.en.SRT"));
        assert!(is_captions("film.en.Srt") && !is_readable("film.en.Srt"));
    }

    #[test]
    fn a_track_is_called_by_its_language() {
        let track = |key| Sidecar::of(key, "film.mp4").unwrap().track(key);
        let german = track("film.de.srt");
        assert_eq!(
            (german.label.as_str(), german.name().as_str()),
            ("German", "captions_de")
        );
        let unknown = track("film.srt");
        assert_eq!(
            (unknown.label.as_str(), unknown.name().as_str()),
            ("Captions", "captions_und")
        );
    }
}

//! What people may write: titles, descriptions, names of files. HTML is text like any other; what no text needs are
//! control characters, which could steer a terminal.

use crate::problem::FieldError;

/// Longest title, characters.
pub(crate) const TITLE_CHARACTERS: usize = 200;
/// Longest description, characters.
pub(crate) const DESCRIPTION_CHARACTERS: usize = 5000;
/// Longest name of a file, characters: as many as the usual file systems take.
pub(crate) const FILE_NAME_CHARACTERS: usize = 255;
/// Longest media type, characters.
pub(crate) const CONTENT_TYPE_CHARACTERS: usize = 255;
/// Longest search, characters.
pub(crate) const SEARCH_CHARACTERS: usize = 200;
/// Longest extension that becomes part of a key, characters.
const EXTENSION_CHARACTERS: usize = 10;

/// Checks a line of text: something to read, and not too much.
pub(crate) fn line(pointer: &str, text: &str, most: usize, errors: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        errors.push(FieldError::new(pointer, "It must not be empty."));
    }
    if text.chars().any(char::is_control) {
        errors.push(FieldError::new(
            pointer,
            "It must not contain control characters.",
        ));
    }
    length(pointer, text, most, errors);
}

/// Checks several lines of text, which may be none.
pub(crate) fn lines(pointer: &str, text: &str, most: usize, errors: &mut Vec<FieldError>) {
    let breaks = ['\n', '\r', '\t'];
    if text
        .chars()
        .any(|character| character.is_control() && !breaks.contains(&character))
    {
        errors.push(FieldError::new(
            pointer,
            "It must not contain control characters.",
        ));
    }
    length(pointer, text, most, errors);
}

fn length(pointer: &str, text: &str, most: usize, errors: &mut Vec<FieldError>) {
    if text.chars().count() > most {
        let detail = format!("It must not be longer than {most} characters.");
        errors.push(FieldError::new(pointer, detail));
    }
}

/// Checks a media type such as `video/mp4`, with or without parameters.
pub(crate) fn media_type(pointer: &str, text: &str, errors: &mut Vec<FieldError>) {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    let valid = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !valid || !printable || text.len() > CONTENT_TYPE_CHARACTERS {
        errors.push(FieldError::new(
            pointer,
            "It must be a media type, such as video/mp4.",
        ));
    }
}

/// The last part of a file's name, whatever path it claims to be in.
pub(crate) fn base_name(file_name: &str) -> &str {
    file_name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// A title for a file that nobody has named: its name without the extension.
pub(crate) fn title_of(file_name: &str) -> String {
    let base = base_name(file_name).trim();
    let stem = match base.rsplit_once('.') {
        Some((stem, _)) if !stem.trim().is_empty() => stem.trim(),
        _ => base,
    };
    let title: String = stem.chars().take(TITLE_CHARACTERS).collect();
    if title.is_empty() {
        "Untitled".to_owned()
    } else {
        title
    }
}

/// The extension of a file, lower-cased, where it has one that a key may carry.
pub(crate) fn extension(file_name: &str) -> Option<String> {
    let (_, extension) = base_name(file_name).trim().rsplit_once('.')?;
    let fits = (1..=EXTENSION_CHARACTERS).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{extension, line, lines, media_type, title_of};
    use proptest::prelude::*;

    fn mistakes(check: impl Fn(&mut Vec<crate::problem::FieldError>)) -> usize {
        let mut errors = Vec::new();
        check(&mut errors);
        errors.len()
    }

    #[test]
    fn a_line_has_something_to_read_and_no_control_characters() {
        assert_eq!(
            mistakes(|errors| line("/title", "<b>Summer</b> 🎬", 200, errors)),
            0
        );
        for text in ["", " \u{3000}", "a\u{1b}[2J", "a\nb", &"x".repeat(201)] {
            assert_ne!(
                mistakes(|errors| line("/title", text, 200, errors)),
                0,
                "{text:?}"
            );
        }
        // Characters count, not bytes.
        assert_eq!(
            mistakes(|errors| line("/title", &"ü".repeat(200), 200, errors)),
            0
        );
    }

    #[test]
    fn several_lines_may_break_and_be_empty() {
        assert_eq!(mistakes(|errors| lines("/description", "", 10, errors)), 0);
        assert_eq!(
            mistakes(|errors| lines("/description", "a\r\n\tb", 10, errors)),
            0
        );
        assert_eq!(
            mistakes(|errors| lines("/description", "a\0", 10, errors)),
            1
        );
    }

    #[test]
    fn a_media_type_is_recognised() {
        for text in [
            "video/mp4",
            "application/vnd.apple.mpegurl",
            "video/webm;codecs=vp9",
        ] {
            assert_eq!(
                mistakes(|errors| media_type("/contentType", text, errors)),
                0,
                "{text}"
            );
        }
        for text in [
            "",
            "video",
            "video/",
            "/mp4",
            "video/mp4\r\nX-Evil: 1",
            "vidéo/mp4",
        ] {
            assert_eq!(
                mistakes(|errors| media_type("/contentType", text, errors)),
                1,
                "{text}"
            );
        }
    }

    #[test]
    fn a_path_in_a_name_leads_nowhere() {
        assert_eq!(title_of("../../etc/passwd.mp4"), "passwd");
        assert_eq!(
            title_of(r"C:\Users\anna\holiday.final.MOV"),
            "holiday.final"
        );
        assert_eq!(title_of(".mp4"), ".mp4");
        assert_eq!(title_of("videos/"), "Untitled");
        assert_eq!(extension("a.mp4/../../x").as_deref(), None);
        assert_eq!(extension("holiday.MOV").as_deref(), Some("mov"));
        assert_eq!(extension("a.mp4 ").as_deref(), Some("mp4"));
    }

    proptest! {
        #[test]
        fn an_extension_is_harmless_and_a_title_fits(name in "\\PC{1,300}") {
            if let Some(extension) = extension(&name) {
                prop_assert!(extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            }
            let title = title_of(&name);
            prop_assert!((1..=200).contains(&title.chars().count()));
        }
    }
}

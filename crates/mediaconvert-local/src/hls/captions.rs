//! Captions in the multivariant playlist: a group of their own, after the sound.

use std::fmt::Write as _;

use super::{quoted, uri};
use crate::manifest::{Kind, Presentation, Rendition};

/// The group of all captions.
const GROUP: &str = "subs";

/// What a variant says about captions.
pub(super) fn attribute(presentation: &Presentation) -> String {
    if presentation.renditions.iter().any(Rendition::is_captions) {
        format!(",SUBTITLES=\"{GROUP}\"")
    } else {
        String::new()
    }
}

/// One line for each; the first is the default.
pub(super) fn lines(text: &mut String, presentation: &Presentation) {
    let mut names: Vec<String> = Vec::new();
    for rendition in &presentation.renditions {
        let Kind::Captions {
            language,
            name,
            accessible,
            ..
        } = &rendition.kind
        else {
            continue;
        };
        let wanted = name
            .as_deref()
            .or(language.as_deref())
            .map_or("Subtitles".to_owned(), quoted);
        // Names have to differ within a group.
        let mut name = wanted.clone();
        let mut number = 1;
        while names.contains(&name) {
            number += 1;
            name = format!("{wanted} {number}");
        }
        let default = if names.is_empty() { "YES" } else { "NO" };
        let language = language
            .as_deref()
            .map(|code| format!("LANGUAGE=\"{}\",", quoted(code)))
            .unwrap_or_default();
        let characteristics = if *accessible {
            "CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog,\
             public.accessibility.describes-music-and-sound\","
        } else {
            ""
        };
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{GROUP}\",{language}NAME=\"{name}\",AUTOSELECT=YES,\
             DEFAULT={default},FORCED=NO,{characteristics}URI=\"{}\"",
            uri(presentation, rendition),
        );
        names.push(name);
    }
}

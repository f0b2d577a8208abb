//! Manifests of a conversion with other captions than it was made with. Nothing is encoded for it: an edition is a small
//! folder inside of the revision's own, with manifests that refer to the media beside it.

use std::fmt::Write as _;

use roxmltree::{Document, Node};

use super::AddedTrack;
use crate::language;

/// Folder of an edition inside of the revision's, without a slash.
pub fn folder(edition: u64) -> String {
    format!("captions-{edition}")
}

/// The HLS multivariant playlist of an edition, from that of the conversion. Captions of the same language as added ones
/// give way.
///
/// # Errors
///
/// [`ManifestError`], where it isn't one.
pub fn multivariant(original: &str, tracks: &[AddedTrack]) -> Result<String, ManifestError> {
    let mut lines = original.lines();
    if lines.next().map(str::trim_end) != Some("#EXTM3U") {
        return Err(ManifestError::Hls);
    }
    let is_replaced = |line: &str| {
        let is_subtitles = attribute(line, "TYPE") == Some("SUBTITLES");
        let own = attribute(line, "LANGUAGE");
        is_subtitles && own.is_some_and(|own| is_added(own, tracks))
    };
    let variant = "#EXT-X-STREAM-INF:";
    let mut groups = original.lines().filter(|line| line.starts_with(variant));
    let group = groups.find_map(|line| attribute(line, "SUBTITLES"));
    let group = group.unwrap_or("subs");
    let mut text = "#EXTM3U\n".to_owned();
    let mut names: Vec<&str> = Vec::new();
    for line in lines.map(str::trim_end).filter(|line| !line.is_empty()) {
        if line.starts_with("#EXT-X-MEDIA:") {
            if is_replaced(line) {
                continue;
            }
            if attribute(line, "TYPE") == Some("SUBTITLES") {
                names.extend(attribute(line, "NAME"));
            }
        }
        if !line.starts_with('#') {
            text.push_str(&moved(line));
        } else if let Some(uri) = attribute(line, "URI") {
            let quoted = |uri: &str| format!("URI=\"{uri}\"");
            text.push_str(&line.replacen(&quoted(uri), &quoted(&moved(uri)), 1));
        } else {
            text.push_str(line);
        }
        if line.starts_with(variant) && attribute(line, "SUBTITLES").is_none() {
            let _ = write!(text, ",SUBTITLES=\"{group}\"");
        }
        text.push('\n');
    }
    for track in tracks {
        let language = &track.language;
        // Names are told apart by the standard, and an attribute can't hold a quote.
        let mut name = track.label.replace(['"', '\n', '\r'], "'");
        if names.contains(&name.as_str()) {
            let _ = write!(name, " ({language})");
        }
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"{group}\",LANGUAGE=\"{language}\",NAME=\"{name}\",AUTOSELECT=YES,\
             DEFAULT=NO,FORCED=NO,URI=\"{language}.m3u8\""
        );
    }
    Ok(text)
}

/// The HLS playlist of a track: its one file, as long as the video. Playlists of captions may have segments of another
/// length than the rest: <https://www.rfc-editor.org/rfc/rfc8216#section-6.2.4>.
pub fn playlist(language: &str, duration_ms: u64) -> String {
    let seconds = duration_ms.div_ceil(1000).max(1);
    format!(
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{seconds}\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-PLAYLIST-TYPE:VOD\n\
         #EXTINF:{seconds},\n{language}.vtt\n#EXT-X-ENDLIST\n"
    )
}

/// The DASH manifest of an edition, from that of the conversion.
///
/// # Errors
///
/// [`ManifestError`], where it isn't one, or has a base address, which no conversion of ours asks for.
pub fn mpd(original: &str, edition: u64, tracks: &[AddedTrack]) -> Result<String, ManifestError> {
    let document = Document::parse(original)?;
    let root = document.root_element();
    let elements = |node: Node<'_, '_>, name: &str| -> Vec<_> {
        node.children()
            .filter(|child| child.is_element() && child.tag_name().name() == name)
            .map(|child| child.range())
            .collect()
    };
    if root.tag_name().name() != "MPD" || !elements(root, "BaseURL").is_empty() {
        return Err(ManifestError::Dash);
    }
    // The schema has it behind this and before all else.
    let information = elements(root, "ProgramInformation");
    let base_at = information
        .last()
        .map(|range| range.end)
        .or_else(|| root.first_element_child().map(|child| child.range().start))
        .ok_or(ManifestError::Dash)?;
    let mut edits = vec![(base_at..base_at, "<BaseURL>../</BaseURL>".to_owned())];
    let periods = root
        .children()
        .filter(|node| node.tag_name().name() == "Period");
    for period in periods {
        if !elements(period, "BaseURL").is_empty() {
            return Err(ManifestError::Dash);
        }
        let sets = period
            .children()
            .filter(|node| node.tag_name().name() == "AdaptationSet");
        let mut end = None;
        for set in sets {
            let own = set.attribute("lang");
            end = Some(set.range().end);
            if is_text(set) && own.is_some_and(|own| is_added(own, tracks)) {
                edits.push((set.range(), String::new()));
            }
        }
        let end = end.ok_or(ManifestError::Dash)?;
        edits.push((end..end, sets_of(edition, tracks)));
    }
    // From the back, so that the places in front stay.
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = original.to_owned();
    for (range, new) in edits.into_iter().rev() {
        text.replace_range(range, &new);
    }
    Ok(text)
}

/// What a set is of, it says itself, or each of its representations does.
fn is_text(set: Node<'_, '_>) -> bool {
    let kind = |node: Node<'_, '_>| {
        let mime = node.attribute("mimeType").unwrap_or_default();
        let codecs = node.attribute("codecs").unwrap_or_default();
        mime.starts_with("text/")
            || mime == "application/ttml+xml"
            || codecs.starts_with("wvtt")
            || codecs.starts_with("stpp")
    };
    set.attribute("contentType") == Some("text") || kind(set) || set.children().any(kind)
}

fn sets_of(edition: u64, tracks: &[AddedTrack]) -> String {
    let mut text = String::new();
    let folder = folder(edition);
    for AddedTrack {
        language, label, ..
    } in tracks
    {
        let label = label.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(
            text,
            "\n    <AdaptationSet mimeType=\"text/vtt\" contentType=\"text\" lang=\"{language}\">\
             <Label>{label}</Label><Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"subtitle\"/>\
             <Representation id=\"{folder}-{language}\" bandwidth=\"256\"><BaseURL>{folder}/{language}.vtt</BaseURL>\
             </Representation></AdaptationSet>"
        );
    }
    text
}

fn is_added(own: &str, tracks: &[AddedTrack]) -> bool {
    let mut languages = tracks.iter().map(|track| track.language.as_str());
    languages.any(|added| language::is_same(own, added))
}

/// As seen from the edition's folder.
fn moved(uri: &str) -> String {
    let is_elsewhere = uri.starts_with('/') || uri.contains("://") || uri.starts_with("data:");
    if is_elsewhere {
        uri.to_owned()
    } else {
        format!("../{uri}")
    }
}

/// The value of an attribute of a tag, without its quotes.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, mut rest) = line.split_once(':')?;
    loop {
        let (key, value) = rest.split_once('=')?;
        let (value, next) = match value.strip_prefix('"') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('"')?;
                (value, next.strip_prefix(',').unwrap_or(next))
            }
            None => value.split_once(',').unwrap_or((value, "")),
        };
        if key.trim() == name {
            return Some(value);
        }
        rest = next;
    }
}

/// Why a manifest can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no multivariant playlist.
    #[error("the HLS playlist isn't one")]
    Hls,
    /// It is no MPD that we know our way about.
    #[error("the DASH manifest isn't one that captions can be added to")]
    Dash,
    /// It is no XML.
    #[error("read the DASH manifest")]
    Xml(#[from] roxmltree::Error),
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{AddedTrack, attribute, mpd, multivariant, playlist};

    fn track(language: &str, label: &str) -> AddedTrack {
        AddedTrack {
            language: language.into(),
            label: label.into(),
            digest: "d".into(),
        }
    }

    const HLS: &str = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS=\"avc1.4d401f,mp4a.40.2\",RESOLUTION=640x360,AUDIO=\"a\",SUBTITLES=\"subs\"\n\
        video_360p.m3u8\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",LANGUAGE=\"deu\",NAME=\"German\",DEFAULT=YES,URI=\"video_audio.m3u8\"\n\
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",LANGUAGE=\"deu\",NAME=\"German\",DEFAULT=YES,URI=\"video_de.m3u8\"\n\
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"CC1\",DEFAULT=NO,URI=\"video_captions_cc1.m3u8\"\n";

    #[test]
    fn the_playlist_refers_to_the_media_beside_the_edition() {
        let tracks = [track("de", "German"), track("fr", "CC1")];
        assert_snapshot!(multivariant(HLS, &tracks).unwrap());
    }

    #[test]
    fn a_playlist_without_captions_gets_a_group_of_them() {
        let hls = "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nhttps://elsewhere/a.m3u8\r\n";
        let made = multivariant(hls, &[track("en", "\"En\"")]).unwrap();
        assert_eq!(
            made,
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"subs\"\nhttps://elsewhere/a.m3u8\n\
             #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",LANGUAGE=\"en\",NAME=\"'En'\",AUTOSELECT=YES,DEFAULT=NO,\
             FORCED=NO,URI=\"en.m3u8\"\n"
        );
        assert!(multivariant("<html>", &[]).is_err());
    }

    #[test]
    fn attributes_may_hold_commas() {
        let line = "#EXT-X-STREAM-INF:CODECS=\"a,LANGUAGE=b\",LANGUAGE=\"c\",X=1";
        assert_eq!(attribute(line, "LANGUAGE"), Some("c"));
        assert_eq!(
            (attribute(line, "X"), attribute(line, "Y")),
            (Some("1"), None)
        );
    }

    #[test]
    fn a_track_is_one_file_as_long_as_the_video() {
        let text = playlist("pt-BR", 5_280);
        assert!(text.contains("#EXT-X-TARGETDURATION:6\n"), "{text}");
        assert!(
            text.contains("#EXTINF:6,\npt-BR.vtt\n#EXT-X-ENDLIST\n"),
            "{text}"
        );
    }

    #[test]
    fn the_dash_manifest_refers_to_the_media_beside_the_edition() {
        let original = "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\">\n  \
            <Period id=\"1\">\n    <AdaptationSet id=\"1\" contentType=\"video\"><Representation id=\"1\"/></AdaptationSet>\n    \
            <AdaptationSet id=\"2\" contentType=\"text\" lang=\"de\"><Representation id=\"2\"/></AdaptationSet>\n  \
            </Period>\n</MPD>\n";
        let tracks = [track("de", "Deutsch & mehr"), track("fr", "French")];
        assert_snapshot!(mpd(original, 7, &tracks).unwrap());
        let based = original.replace("  <Period", "  <BaseURL>https://cdn/</BaseURL><Period");
        for wrong in [
            based.as_str(),
            "<MPD",
            "<tt/>",
            "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"/>",
        ] {
            assert!(mpd(wrong, 7, &tracks).is_err(), "{wrong}");
        }
    }
}

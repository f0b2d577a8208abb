//! The DASH manifest as the service writes it: ISO/IEC 23009-1, profile `isoff-main:2011`.

use std::fmt::Write as _;

use crate::encryption::samples::Protected;
use crate::manifest::{
    Images, Kind, Layout, NUMBER, Presentation, Rendition, SegmentInfo, Span, file_uri,
};
use crate::settings::{BandwidthType, MpdProfile, Toggle};

/// The text of `<base>.mpd`.
pub fn manifest(presentation: &Presentation) -> String {
    let settings = &presentation.settings;
    let duration = duration(presentation.duration());
    let buffer = settings
        .min_buffer_time
        .map_or(f64::from(settings.segment_length), f64::from);
    let protected = settings.encryption.as_ref().and_then(Protected::new);
    let cenc = protected.map_or("", |_| "xmlns:cenc=\"urn:mpeg:cenc:2013\" ");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         {cenc}xsi:schemaLocation=\"urn:mpeg:dash:schema:mpd:2011 http://standards.iso.org/ittf/PubliclyAvailableStandards/MPEG-DASH_schema_files/DASH-MPD.xsd\" \
         type=\"static\" minBufferTime=\"{}\" profiles=\"urn:mpeg:dash:profile:{}:2011\" \
         mediaPresentationDuration=\"{duration}\">\n",
        self::duration(buffer),
        match settings.mpd_profile {
            MpdProfile::MainProfile => "isoff-main",
            MpdProfile::OnDemandProfile => "isoff-on-demand",
        },
    );
    if let Some(url) = &settings.base_url {
        line(&mut text, 1, &format!("<BaseURL>{}</BaseURL>", escape(url)));
    }
    line(
        &mut text,
        1,
        &format!("<Period start=\"PT0S\" duration=\"{duration}\" id=\"1\">"),
    );
    let mut set = 0;
    let mut id = 0;
    let videos: Vec<&Rendition> = presentation
        .renditions
        .iter()
        .filter(|r| r.is_video())
        .collect();
    if !videos.is_empty() {
        set += 1;
        video_set(&mut text, presentation, &videos, set, &mut id);
    }
    let (captions, sounds): (Vec<&Rendition>, Vec<&Rendition>) = presentation
        .renditions
        .iter()
        .filter(|r| !r.is_video())
        .partition(|r| r.is_captions());
    for rendition in sounds {
        set += 1;
        audio_set(&mut text, presentation, rendition, set, &mut id);
    }
    for rendition in captions {
        set += 1;
        captions_set(&mut text, presentation, rendition, set, &mut id);
    }
    if let Some(images) = &presentation.images {
        image_set(&mut text, presentation, images, set + 1, id + 1);
    }
    line(&mut text, 1, "</Period>");
    text.push_str("</MPD>\n");
    text
}

fn video_set(
    text: &mut String,
    presentation: &Presentation,
    renditions: &[&Rendition],
    set: u32,
    id: &mut u32,
) {
    line(
        text,
        2,
        &format!(
            "<AdaptationSet id=\"{set}\" mimeType=\"video/mp4\" contentType=\"video\" segmentAlignment=\"true\" \
             subsegmentAlignment=\"true\" startWithSAP=\"1\" subsegmentStartsWithSAP=\"1\" \
             bitstreamSwitching=\"false\">"
        ),
    );
    protection(text, presentation);
    for rendition in renditions {
        let Kind::Video {
            width,
            height,
            pixel,
            frame_rate,
            max_bitrate,
            ..
        } = &rendition.kind
        else {
            continue;
        };
        *id += 1;
        let bandwidth = match (
            presentation.settings.mpd_manifest_bandwidth_type,
            max_bitrate,
        ) {
            (BandwidthType::Max, Some(max)) => u64::from(*max),
            _ => rendition.average_bandwidth(),
        };
        line(
            text,
            3,
            &format!(
                "<Representation id=\"{id}\" width=\"{width}\" height=\"{height}\" frameRate=\"{}\" \
                 bandwidth=\"{bandwidth}\" codecs=\"{}\" sar=\"{}:{}\">",
                frame_rate,
                rendition.codec,
                pixel.numerator(),
                pixel.denominator(),
            ),
        );
        template(text, presentation, rendition);
        line(text, 3, "</Representation>");
    }
    line(text, 2, "</AdaptationSet>");
}

fn audio_set(
    text: &mut String,
    presentation: &Presentation,
    rendition: &Rendition,
    set: u32,
    id: &mut u32,
) {
    let Kind::Audio {
        channels,
        sample_rate,
        language,
        name,
        ..
    } = &rendition.kind
    else {
        return;
    };
    *id += 1;
    let language = language
        .as_ref()
        .map(|code| format!(" lang=\"{}\"", escape(code)));
    line(
        text,
        2,
        &format!(
            "<AdaptationSet id=\"{set}\" mimeType=\"audio/mp4\" contentType=\"audio\"{} segmentAlignment=\"true\" \
             subsegmentAlignment=\"true\" startWithSAP=\"1\" subsegmentStartsWithSAP=\"1\" \
             bitstreamSwitching=\"false\">",
            language.unwrap_or_default(),
        ),
    );
    protection(text, presentation);
    if let Some(name) = name {
        line(text, 3, &format!("<Label>{}</Label>", escape(name)));
    }
    line(
        text,
        3,
        &format!(
            "<Representation id=\"{id}\" bandwidth=\"{}\" audioSamplingRate=\"{sample_rate}\" codecs=\"{}\">",
            rendition.average_bandwidth(),
            rendition.codec,
        ),
    );
    line(
        text,
        4,
        &format!(
            "<AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" \
             value=\"{channels}\"/>"
        ),
    );
    template(text, presentation, rendition);
    line(text, 3, "</Representation>");
    line(text, 2, "</AdaptationSet>");
}

/// Which key a set is encrypted with: ISO/IEC 23001-7, 11.2.
fn protection(text: &mut String, presentation: &Presentation) {
    let encryption = presentation.settings.encryption.as_ref();
    if let Some(Protected { scheme, key_id }) = encryption.and_then(Protected::new) {
        let told = format!(
            "<ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"{}\" \
             cenc:default_KID=\"{key_id}\"/>",
            scheme.name()
        );
        line(text, 3, &told);
    }
}

/// DASH-IF Interoperability Points, 6.2.6: sheets of pictures.
fn image_set(text: &mut String, presentation: &Presentation, images: &Images, set: u32, id: u32) {
    let sheets = &images.sheets;
    let base = escape(&file_uri(&presentation.base)).replace('$', "$$");
    line(
        text,
        2,
        &format!("<AdaptationSet id=\"{set}\" mimeType=\"image/jpeg\" contentType=\"image\">"),
    );
    line(
        text,
        3,
        &format!(
            "<SegmentTemplate timescale=\"1000\" media=\"{base}_tiles_$Number%09d$.jpg\" startNumber=\"1\" \
             duration=\"{:.0}\"/>",
            images.seconds() * 1000.0
        ),
    );
    line(
        text,
        3,
        &format!(
            "<Representation id=\"{id}\" bandwidth=\"{}\" width=\"{}\" height=\"{}\">",
            images.bandwidth(),
            sheets.width * sheets.columns,
            sheets.height * sheets.rows
        ),
    );
    line(
        text,
        4,
        &format!(
            "<EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\" value=\"{}x{}\"/>",
            sheets.columns, sheets.rows
        ),
    );
    line(text, 3, "</Representation>");
    line(text, 2, "</AdaptationSet>");
}

/// Where the segments of the only file are: its index tells.
fn only_file(text: &mut String, presentation: &Presentation, rendition: &Rendition) {
    let name = file_uri(&format!("{}{}", presentation.base, rendition.single_name()));
    line(text, 4, &format!("<BaseURL>{}</BaseURL>", escape(&name)));
    let range = |span: Span| format!("{}-{}", span.offset, span.offset + span.size.max(1) - 1);
    let index = rendition.index.map(range).unwrap_or_default();
    line(
        text,
        4,
        &format!(
            "<SegmentBase timescale=\"{}\" indexRange=\"{index}\">",
            rendition.timescale
        ),
    );
    let init = rendition.init.map(range).unwrap_or_default();
    line(text, 5, &format!("<Initialization range=\"{init}\"/>"));
    line(text, 4, "</SegmentBase>");
}

/// Captions are one file, which all players read; of text in segments some don't.
fn captions_set(
    text: &mut String,
    presentation: &Presentation,
    rendition: &Rendition,
    set: u32,
    id: &mut u32,
) {
    let Kind::Captions {
        language,
        name,
        accessible,
    } = &rendition.kind
    else {
        return;
    };
    *id += 1;
    let language = language
        .as_ref()
        .map(|code| format!(" lang=\"{}\"", escape(code)))
        .unwrap_or_default();
    let head = format!(
        "<AdaptationSet id=\"{set}\" mimeType=\"text/vtt\" contentType=\"text\"{language}>"
    );
    line(text, 2, &head);
    let role = "schemeIdUri=\"urn:mpeg:dash:role:2011\"";
    let purpose = if *accessible {
        format!("<Accessibility {role} value=\"caption\"/>")
    } else {
        format!("<Role {role} value=\"subtitle\"/>")
    };
    line(text, 3, &purpose);
    if let Some(name) = name {
        line(text, 3, &format!("<Label>{}</Label>", escape(name)));
    }
    let bandwidth = rendition.average_bandwidth().max(1);
    let head = format!("<Representation id=\"{id}\" bandwidth=\"{bandwidth}\">");
    line(text, 3, &head);
    let name = file_uri(&format!("{}{}", presentation.base, rendition.single_name()));
    line(text, 4, &format!("<BaseURL>{}</BaseURL>", escape(&name)));
    line(text, 3, "</Representation>");
    line(text, 2, "</AdaptationSet>");
}

fn template(text: &mut String, presentation: &Presentation, rendition: &Rendition) {
    if presentation.settings.is_single_file() {
        only_file(text, presentation, rendition);
        return;
    }
    let extension = rendition.extension();
    // A `$` begins an identifier in a template, so one in a name is doubled.
    let name = |rest: &str| {
        let name = file_uri(&format!("{}{rest}", presentation.base));
        escape(&name).replace('$', "$$")
    };
    let media = match rendition.modifier.split_once(NUMBER) {
        Some((before, after)) if rendition.layout == Layout::Dash => {
            let after = escape(&file_uri(after)).replace('$', "$$");
            format!("{}$Number${after}.{extension}", name(before))
        }
        _ => format!("{}_$Number%09d$.{extension}", name(&rendition.modifier)),
    };
    let common = format!(
        "timescale=\"{}\" media=\"{media}\" initialization=\"{}\" startNumber=\"1\"",
        rendition.timescale,
        name(&rendition.init_name()),
    );
    if presentation
        .settings
        .write_segment_timeline_in_representation
        == Toggle::Disabled
        || rendition.modifier.contains(NUMBER)
    {
        let usual = rendition
            .segments
            .first()
            .map_or(0, |segment| segment.duration);
        line(
            text,
            4,
            &format!("<SegmentTemplate {common} duration=\"{usual}\"/>"),
        );
        return;
    }
    line(text, 4, &format!("<SegmentTemplate {common}>"));
    line(text, 5, "<SegmentTimeline>");
    for (segment, repeat) in runs(&rendition.segments) {
        let repeat = if repeat > 0 {
            format!(" r=\"{repeat}\"")
        } else {
            String::new()
        };
        line(
            text,
            6,
            &format!(
                "<S t=\"{}\" d=\"{}\"{repeat}/>",
                segment.start, segment.duration
            ),
        );
    }
    line(text, 5, "</SegmentTimeline>");
    line(text, 4, "</SegmentTemplate>");
}

/// Segments of the same duration, and how often each is repeated.
fn runs(segments: &[SegmentInfo]) -> Vec<(SegmentInfo, u32)> {
    let mut runs: Vec<(SegmentInfo, u32)> = Vec::new();
    for segment in segments {
        match runs.last_mut() {
            Some((first, repeat)) if first.duration == segment.duration => *repeat += 1,
            _ => runs.push((*segment, 0)),
        }
    }
    runs
}

fn line(text: &mut String, depth: usize, content: &str) {
    // Writing to a String can't fail.
    let _ = writeln!(text, "{}{content}", "  ".repeat(depth));
}

/// An ISO 8601 duration.
fn duration(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    format!("PT{}S", text.trim_end_matches('0').trim_end_matches('.'))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests;

//! Captions of a CMAF group, in segments of the same times as those of the other renditions.

use super::{Body, Object, Prepared};
use crate::captions::webvtt;
use crate::job::Failure;
use crate::manifest::{Kind, Layout, Rendition, SegmentInfo};
use crate::plan::captions::{Format, PlannedCaptions};
use crate::plan::{Packaging, PlannedGroup, PlannedOutput, Product};
use crate::settings::StreamKind;

/// Ticks of a track of captions: microseconds would not fit into the boxes of long videos.
const TIMESCALE: u32 = 1000;

impl Prepared {
    /// Writes the captions of a group whose other renditions are there already.
    pub(super) fn captions(
        &mut self,
        group: &PlannedGroup,
        renditions: &mut [Option<Rendition>],
    ) -> Result<(), Failure> {
        let times = renditions
            .iter()
            .flatten()
            .max_by_key(|rendition| rendition.is_video())
            .map(times)
            .unwrap_or_default();
        for (index, output) in group.outputs.iter().enumerate() {
            if let Product::Captions(captions) = &output.product {
                renditions[index] = Some(self.rendition_of(group, output, captions, &times)?);
            }
        }
        Ok(())
    }

    fn rendition_of(
        &mut self,
        group: &PlannedGroup,
        output: &PlannedOutput,
        captions: &PlannedCaptions,
        times: &[(i64, i64)],
    ) -> Result<Rendition, Failure> {
        let Format::WebVtt(look) = captions.format else {
            let message = format!("The output '{}' can't hold such captions.", output.modifier);
            return Err(Failure::new(1040, message));
        };
        let times = match times {
            // Without other renditions, one segment holds all.
            [] => &[(
                0,
                captions.cues.iter().map(|cue| cue.end).max().unwrap_or(1),
            )],
            times => times,
        };
        let put = |rest: &str, text: String| {
            self.media.push(Object {
                bucket: group.destination.bucket.clone(),
                key: group.destination.key(rest),
                body: Body::Text(text),
                kind: "text/vtt",
            });
        };
        let hls = matches!(
            &group.packaging,
            Packaging::Streaming { settings, .. } if settings.kind == StreamKind::Hls
        );
        let mut rendition = Rendition {
            modifier: output.modifier.clone(),
            codec: "wvtt".to_owned(),
            timescale: TIMESCALE,
            segments: Vec::new(),
            layout: Layout::Text {
                digits: if hls { 5 } else { 9 },
            },
            init: None,
            index: None,
            key_frames: Vec::new(),
            kind: Kind::Captions {
                language: captions.language.clone(),
                name: captions.name.clone(),
                accessible: captions.accessible,
            },
        };
        for (index, (start, end)) in times.iter().enumerate() {
            let text = webvtt::segment(
                &captions.cues,
                &captions.styles,
                look,
                (*start, *end),
                first_time(group),
            );
            rendition.segments.push(SegmentInfo {
                start: ticks(*start),
                duration: ticks(*end) - ticks(*start),
                size: u64::try_from(text.len()).unwrap_or_default(),
                offset: 0,
            });
            put(&rendition.segment_name("", index + 1), text);
        }
        put(&rendition.single_name(), captions.file());
        Ok(rendition)
    }
}

/// When the first picture of the group is shown, on the clock of transport streams: 90000 ticks a
/// second. Captions are told by it when they begin.
fn first_time(group: &PlannedGroup) -> u64 {
    let mut transports = group
        .outputs
        .iter()
        .filter_map(|output| match &output.product {
            Product::Transport(transport) if transport.extension == "ts" => Some(transport),
            _ => None,
        });
    transports
        .next()
        .map_or(0, |transport| super::transport::ticks(transport.first_time))
}

/// Microseconds at which each segment begins and ends.
fn times(rendition: &Rendition) -> Vec<(i64, i64)> {
    let micros = |ticks: u64| {
        let micros = u128::from(ticks) * 1_000_000 / u128::from(rendition.timescale.max(1));
        i64::try_from(micros).unwrap_or(i64::MAX)
    };
    let time = |segment: &SegmentInfo| {
        (
            micros(segment.start),
            micros(segment.start + segment.duration),
        )
    };
    rendition.segments.iter().map(time).collect()
}

/// Ticks of a time in microseconds.
fn ticks(micros: i64) -> u64 {
    u64::try_from(micros).unwrap_or_default() * u64::from(TIMESCALE) / 1_000_000
}

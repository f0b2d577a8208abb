//! Image-based trick play: sheets of small pictures for seeking.

use std::borrow::Cow;

use crate::settings::{
    FrameCaptureSettings, ImageTrickPlay, IntervalCadence, OutputGroup, ScalingBehavior,
    StreamingSettings, TrickPlaySettings, VideoDescription, VideoPreprocessors,
};

use super::rate::Cadence;
use super::{PlanError, Planner, words};

/// Sheets of pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheets {
    /// Names in the job's folder, before the number.
    pub prefix: String,
    /// Pictures in a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Pixels of a picture.
    pub width: u32,
    /// Pixels of a picture.
    pub height: u32,
    /// Seconds from one picture to the next.
    pub interval: f64,
}

impl Planner<'_> {
    /// The sheets of a group that asks for some and has a picture.
    pub(super) fn sheets(
        &mut self,
        group: &OutputGroup,
        streaming: &StreamingSettings,
        cadence: Cadence,
        name: &str,
    ) -> Result<Option<Sheets>, PlanError> {
        let settings = match streaming.image_based_trick_play {
            None | Some(ImageTrickPlay::None) => return Ok(None),
            Some(ImageTrickPlay::Thumbnail) => Cow::Owned(TrickPlaySettings::default()),
            Some(ImageTrickPlay::Advanced) => match &streaming.image_based_trick_play_settings {
                Some(settings) => Cow::Borrowed(settings),
                None => Cow::Owned(TrickPlaySettings::default()),
            },
        };
        let mut outputs = group.outputs.iter();
        let Some(description) = outputs.find_map(|output| output.video_description.as_ref()) else {
            return Ok(None);
        };
        let interval = match settings.interval_cadence {
            IntervalCadence::FollowCustom => settings.thumbnail_interval.unwrap_or(cadence.segment),
            IntervalCadence::FollowSegmentation => cadence.segment,
            IntervalCadence::FollowIframe => cadence.fragment,
        };
        let small = VideoDescription {
            width: Some(settings.thumbnail_width.unwrap_or(312)),
            height: settings.thumbnail_height,
            scaling_behavior: ScalingBehavior::Default,
            // Their places are told in pixels of the large picture.
            position: None,
            video_preprocessors: VideoPreprocessors {
                image_inserter: None,
                timecode_burnin: None,
                ..description.video_preprocessors.clone()
            },
            ..description.clone()
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped just before"
        )]
        let milliseconds = (interval * 1000.0).round().clamp(1.0, 1e9) as u32;
        let capture = FrameCaptureSettings {
            framerate_numerator: Some(1000),
            framerate_denominator: Some(milliseconds),
            ..FrameCaptureSettings::default()
        };
        let (columns, rows) = (
            settings.tile_width.unwrap_or(TILES),
            settings.tile_height.unwrap_or(TILES),
        );
        let stills = self.graph.stills(&small, &capture)?;
        if stills.height.saturating_mul(rows) > HIGHEST {
            return Err(PlanError::Unsupported(format!(
                "a sheet of {rows} thumbnails of {} pixels is higher than {HIGHEST} pixels",
                stills.height
            )));
        }
        let label = self.graph.tiles(&stills.label, columns, rows);
        let prefix = format!("{name}_tiles_");
        let mut arguments = vec!["-map".to_owned(), label];
        arguments.extend(words(
            "-fps_mode passthrough -c:v mjpeg -f image2 -start_number 1",
        ));
        arguments.extend(["-q:v".to_owned(), stills.quantizer.to_string()]);
        arguments.push(format!("{prefix}%09d.jpg"));
        self.outputs.push(arguments);
        Ok(Some(Sheets {
            prefix,
            columns,
            rows,
            width: stills.width,
            height: stills.height,
            interval: f64::from(milliseconds) / 1000.0,
        }))
    }
}

/// Pictures in a row and in a column, where the job tells none. The service's figure is not known.
const TILES: u32 = 5;
/// Pixels of a sheet: above that, the service rejects the job.
const HIGHEST: u32 = 4096;

//! The filter graph: one decoder, split to all outputs.

use std::fmt::Write as _;

use crate::captions::{Window, ass};
use crate::media::{Media, Video};
use crate::ratio::Ratio;
use crate::settings::{
    AudioDescription, CaptionDescription, CaptionDestinationType, DeinterlacerControl,
    EncoderSettings, FrameCaptureSettings, Initialize, Input, Rotate, VideoDescription,
};
use crate::sources::Sources;

use super::PlanError;
use super::audio::{self, PlannedAudio, Source};
use super::captions;
use super::rate;
use super::size::{Geometry, Oriented, Wanted, fit};
use super::video::{PlannedVideo, Range};

/// The filter graph of a job, as it grows.
pub struct Graph<'a> {
    input: &'a Input,
    media: &'a Media,
    pub(super) sources: &'a Sources,
    /// The pieces of the outputs' time, each with the index of its input.
    pub(super) timeline: Vec<(usize, Window)>,
    /// Files that filters read: name and text.
    pub(super) files: Vec<(String, String)>,
    /// Filters that outputs share, each with the branches that follow.
    trunks: Vec<Trunk>,
    /// Chains with a source of their own.
    free: Vec<String>,
    labels: usize,
}

struct Trunk {
    /// Index of the track in the input.
    track: u32,
    picture: bool,
    filters: String,
    branches: Vec<Branch>,
}

struct Branch {
    filters: String,
    label: String,
}

/// A sequence of pictures.
pub struct Stills {
    /// Of the graph's pad.
    pub label: String,
    /// Seconds from one to the next.
    pub interval: f64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// ffmpeg's `-q:v`: 2, best, to 31.
    pub quantizer: u32,
}

impl<'a> Graph<'a> {
    pub(super) fn new(input: &'a Input, sources: &'a Sources, media: &'a Media) -> Self {
        let whole = Window {
            start: 0,
            end: None,
            offset: 0,
        };
        Self {
            input,
            media,
            sources,
            timeline: vec![(0, whole)],
            files: Vec::new(),
            trunks: Vec::new(),
            free: Vec::new(),
            labels: 0,
        }
    }

    /// A branch that ends in a picture track.
    pub(super) fn video(
        &mut self,
        description: &VideoDescription,
        captions: &[CaptionDescription],
        automatic_gop: f64,
    ) -> Result<(PlannedVideo, String), PlanError> {
        let Some((codec, settings)) = description.codec_settings.encoder() else {
            return Err(PlanError::Unsupported(
                "frame captures belong into a file group".to_owned(),
            ));
        };
        let (index, video) = self.picture()?;
        let (source_rate, _) = rate::of_source(self.media, video);
        let frame_rate = rate::of_output(settings, source_rate);
        let geometry = fit(self.oriented(video), wanted(description, pixel(settings)));
        let trunk = shared(description, video, frame_rate);
        let gop = rate::gop_frames(settings, frame_rate, automatic_gop);
        let range = Range::of_transfer(video.color_transfer.as_deref());
        let planned = PlannedVideo::new(codec, settings, geometry, frame_rate, gop)
            .with_brightness(range, video.hdr10.clone());
        let last = planned.last_filters(&format!("x{}", self.labels));
        let burnt = self.burnt(captions, geometry);
        let branch = format!("{},{burnt}{last}", scaled(geometry, ""));
        let label = self.branch(index, true, trunk, branch);
        Ok((planned, label))
    }

    /// Filters that draw captions.
    fn burnt(&mut self, captions: &[CaptionDescription], geometry: Geometry) -> String {
        let mut filters = String::new();
        for description in captions {
            if description.kind() != Some(CaptionDestinationType::BurnIn) {
                continue;
            }
            let settings = &description.destination_settings.burnin_destination_settings;
            let look = captions::drawn(settings, (geometry.width, geometry.height));
            let cues = captions::cues(description.selector(), self.sources, &self.timeline);
            let name = format!("captions{}.ass", self.files.len());
            // Writing to a String can't fail.
            let _ = write!(filters, "ass={name},");
            self.files.push((name, ass::write(&cues, &look)));
        }
        filters
    }

    /// A branch that ends in pictures.
    pub(super) fn stills(
        &mut self,
        description: &VideoDescription,
        capture: &FrameCaptureSettings,
    ) -> Result<Stills, PlanError> {
        let (index, video) = self.picture()?;
        let (rate, _) = rate::of_source(self.media, video);
        let geometry = fit(self.oriented(video), wanted(description, None));
        let trunk = shared(description, video, rate);
        let denominator = capture.framerate_denominator.unwrap_or(1);
        let numerator = capture.framerate_numerator.unwrap_or(1);
        let interval = f64::from(denominator) / f64::from(numerator.max(1));
        // Half a frame early is on time: time stamps are rounded.
        let early = 0.5 / rate.value();
        let mut select = format!("gte(t+{early:.6}\\,selected_n*{denominator}/{numerator})");
        if let Some(max) = capture.max_captures {
            select = format!("{select}*lt(selected_n\\,{max})");
        }
        // Choose first, so that only what is kept is scaled.
        let branch = format!(
            "select={select},{},format=yuvj420p",
            scaled(geometry, ":out_range=full")
        );
        let quality = capture.quality.unwrap_or(80).clamp(1, 100);
        Ok(Stills {
            label: self.branch(index, true, trunk, branch),
            interval,
            width: geometry.width,
            height: geometry.height,
            quantizer: 2 + (100 - quality) * 29 / 99,
        })
    }

    /// Pictures put together to sheets.
    pub(super) fn tiles(&mut self, pictures: &str, columns: u32, rows: u32) -> String {
        let label = self.label("s");
        self.free
            .push(format!("{pictures}tile={columns}x{rows}{label}"));
        label
    }

    /// A branch that ends in a sound track; `None` when the input has no sound.
    pub(super) fn audio(
        &mut self,
        description: &AudioDescription,
    ) -> Result<Option<(PlannedAudio, String)>, PlanError> {
        match audio::choose(self.input, self.media, description)? {
            Source::Nothing => Ok(None),
            Source::Track(track, audio, offset) => {
                let (planned, filters) = audio::track(description, Some((track, &audio, offset)))?;
                let label = self.branch(track.index, false, String::new(), filters);
                Ok(Some((planned, label)))
            }
            Source::Silence => {
                let (planned, filters) = audio::track(description, None)?;
                let seconds = self.media.duration.unwrap_or(1.0);
                let label = self.label("a");
                self.free.push(format!(
                    "anullsrc=r={}:cl={}:d={seconds},{filters}{label}",
                    planned.sample_rate,
                    audio::layout(planned.channels),
                ));
                Ok(Some((planned, label)))
            }
        }
    }

    fn picture(&self) -> Result<(u32, &'a Video), PlanError> {
        let (track, video) = self.media.video().ok_or(PlanError::NoVideo)?;
        Ok((track.index, video))
    }

    /// Quarter turns, clockwise.
    fn turns(&self, video: &Video) -> u8 {
        match self.input.video_selector.rotate {
            Rotate::Degree0 => 0,
            Rotate::Degrees90 => 1,
            Rotate::Degrees180 => 2,
            Rotate::Degrees270 => 3,
            // Other containers have no rotation that the service reads, and other angles none
            // that it follows.
            Rotate::Auto if !self.media.is_iso() => 0,
            Rotate::Auto => match video.rotation.rem_euclid(360) {
                89..=91 => 1,
                179..=181 => 2,
                269..=271 => 3,
                _ => 0,
            },
        }
    }

    /// Pixels of the source, the way up that outputs show it, were its pixels square.
    pub(super) fn source_size(&self, video: &Video) -> (u32, u32) {
        let geometry = fit(
            self.oriented(video),
            Wanted {
                pixel: Some(Ratio::ONE),
                ..Wanted::default()
            },
        );
        (geometry.width, geometry.height)
    }

    fn oriented(&self, video: &Video) -> Oriented {
        let (width, height, pixel) = (video.width, video.height, video.sample_aspect_ratio);
        if self.turns(video).is_multiple_of(2) {
            Oriented {
                width,
                height,
                pixel,
            }
        } else {
            Oriented {
                width: height,
                height: width,
                pixel: pixel.inverse(),
            }
        }
    }

    fn branch(&mut self, track: u32, picture: bool, trunk: String, filters: String) -> String {
        let label = self.label(if picture { "v" } else { "a" });
        let branch = Branch {
            filters,
            label: label.clone(),
        };
        let same = |other: &&mut Trunk| other.track == track && other.filters == trunk;
        match self.trunks.iter_mut().find(same) {
            Some(found) => found.branches.push(branch),
            None => self.trunks.push(Trunk {
                track,
                picture,
                filters: trunk,
                branches: vec![branch],
            }),
        }
        label
    }

    fn label(&mut self, kind: &str) -> String {
        self.labels += 1;
        format!("[{kind}{}]", self.labels - 1)
    }

    /// The graph in ffmpeg's language.
    pub fn text(&self) -> String {
        let mut chains = Vec::new();
        let mut tracks: Vec<u32> = self.trunks.iter().map(|trunk| trunk.track).collect();
        tracks.sort_unstable();
        tracks.dedup();
        for track in tracks {
            let trunks: Vec<&Trunk> = self
                .trunks
                .iter()
                .filter(|trunk| trunk.track == track)
                .collect();
            let picture = trunks.iter().any(|trunk| trunk.picture);
            let turn = match self.media.video() {
                Some((_, video)) if picture => turn(self.turns(video)),
                _ => "",
            };
            let heads: Vec<String> = (0..trunks.len())
                .map(|n| format!("[t{track}_{n}]"))
                .collect();
            chains.push(chain(&format!("[0:{track}]"), turn, picture, &heads));
            for (head, trunk) in heads.iter().zip(trunks) {
                let feet: Vec<String> = (0..trunk.branches.len())
                    .map(|n| format!("{}_{n}]", head.trim_end_matches(']')))
                    .collect();
                chains.push(chain(head, &trunk.filters, picture, &feet));
                for (foot, branch) in feet.iter().zip(&trunk.branches) {
                    chains.push(format!("{foot}{}{}", branch.filters, branch.label));
                }
            }
        }
        chains.extend(self.free.iter().cloned());
        chains.join(";")
    }
}

/// `from`, filtered, to each of `to`.
fn chain(from: &str, filters: &str, picture: bool, to: &[String]) -> String {
    let split = match (to.len(), picture) {
        (..=1, true) => "null".to_owned(),
        (..=1, false) => "anull".to_owned(),
        (count, true) => format!("split={count}"),
        (count, false) => format!("asplit={count}"),
    };
    let comma = if filters.is_empty() { "" } else { "," };
    format!("{from}{filters}{comma}{split}{}", to.concat())
}

fn turn(quarters: u8) -> &'static str {
    match quarters {
        1 => "transpose=clock",
        2 => "hflip,vflip",
        3 => "transpose=cclock",
        _ => "",
    }
}

/// What comes before the branches: whole frames at a constant rate from time zero.
fn shared(description: &VideoDescription, video: &Video, rate: Ratio) -> String {
    let control = description
        .video_preprocessors
        .deinterlacer
        .map(|filter| filter.control);
    let deinterlace = match control {
        Some(DeinterlacerControl::ForceAllFrames) => "yadif=deint=all,",
        // A progressive output of an interlaced source is deinterlaced without being asked.
        Some(DeinterlacerControl::Normal) => "yadif=deint=interlaced,",
        None if video.interlaced => "yadif=deint=interlaced,",
        None => "",
    };
    format!("{deinterlace}fps={rate}:start_time=0")
}

fn wanted(description: &VideoDescription, pixel: Option<Ratio>) -> Wanted {
    Wanted {
        width: description.width,
        height: description.height,
        scaling: description.scaling_behavior,
        pixel,
    }
}

fn pixel(settings: &EncoderSettings) -> Option<Ratio> {
    match settings.par_control {
        Initialize::InitializeFromSource => None,
        Initialize::Specified => Ratio::new(settings.par_numerator?, settings.par_denominator?),
    }
}

fn scaled(geometry: Geometry, options: &str) -> String {
    let Geometry {
        width,
        height,
        content,
        pixel,
    } = geometry;
    let mut filters = format!("scale={}:{}:flags=bicubic{options}", content.0, content.1);
    if content.0 > width || content.1 > height {
        filters = format!("{filters},crop={width}:{height}");
    } else if content != (width, height) {
        filters = format!("{filters},pad={width}:{height}:-1:-1");
    }
    format!("{filters},setsar={pixel}")
}

//! From settings and source to one ffmpeg command: decode once, encode everything.
//!
//! Pure: nothing here touches a file or a process. ffmpeg writes one fragmented MP4 file for each
//! CMAF output; [`crate::package`] cuts it into segments afterwards.

pub mod abr;
pub mod audio;
pub mod captions;
mod color;
pub mod destination;
mod dynamic;
mod encoder;
mod file;
mod filters;
pub mod graph;
pub mod names;
mod overlay;
pub mod rate;
pub mod size;
pub mod streaming;
pub mod timeline;
pub mod trick_play;
pub mod video;

use std::borrow::Cow;

use crate::media::Media;
use crate::settings::{IFrameManifest, Output, OutputGroup, Settings, StreamingSettings};
use crate::sources::Sources;
use audio::PlannedAudio;
use captions::PlannedCaptions;
use destination::Destination;
use graph::Graph;
use names::Facts;
use rate::Cadence;
use streaming::Transport;
use trick_play::Sheets;
use video::PlannedVideo;

/// All that a job does, decided.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Arguments of ffmpeg. File names are relative to the job's folder, but for the source's.
    pub arguments: Vec<String>,
    /// Files that ffmpeg reads beside the sources: name in the job's folder, and text.
    pub files: Vec<(String, String)>,
    /// The output groups, in the order of the settings.
    pub groups: Vec<PlannedGroup>,
    /// How long the outputs should become, if the source tells. Seconds.
    pub duration: Option<f64>,
    /// What is done otherwise than the settings say.
    pub warnings: Vec<String>,
}

/// One output group.
#[derive(Clone, Debug)]
pub struct PlannedGroup {
    /// Where it goes.
    pub destination: Destination,
    /// How it is packaged.
    pub packaging: Packaging,
    /// The outputs, in the order of the settings.
    pub outputs: Vec<PlannedOutput>,
    /// Small pictures for seeking.
    pub sheets: Option<Sheets>,
}

/// How a group is packaged.
#[derive(Clone, Debug)]
pub enum Packaging {
    /// Segments and manifests.
    Streaming {
        /// As the job says.
        settings: Box<StreamingSettings>,
        /// Where segments begin.
        cadence: Cadence,
    },
    /// Files as they are.
    File,
}

/// One output.
#[derive(Clone, Debug)]
pub struct PlannedOutput {
    /// Its `nameModifier`.
    pub name: String,
    /// What is added to the base name: the same, with its format identifiers resolved.
    pub modifier: String,
    /// What it is.
    pub product: Product,
}

/// What an output is.
#[derive(Clone, Debug)]
pub enum Product {
    /// A fragmented file of one picture track.
    CmafVideo {
        /// Name in the job's folder.
        file: String,
        /// The track.
        video: PlannedVideo,
        /// Sound groups that go with it; all of them when there are none.
        audio_groups: Vec<String>,
        /// Whether there is a playlist of its key frames.
        i_frames: Option<IFrameManifest>,
    },
    /// Segments that ffmpeg cuts itself.
    Transport(Box<Transport>),
    /// A fragmented file of one sound track.
    CmafAudio {
        /// Name in the job's folder.
        file: String,
        /// The track.
        audio: PlannedAudio,
    },
    /// Captions in segments.
    Captions(Box<PlannedCaptions>),
    /// A file of captions.
    CaptionsFile {
        /// What they say.
        captions: Box<PlannedCaptions>,
        /// Without the dot.
        extension: String,
    },
    /// A file.
    File {
        /// Name in the job's folder.
        file: String,
        /// Without the dot.
        extension: String,
        /// Its picture.
        video: Option<PlannedVideo>,
    },
    /// Numbered pictures.
    Stills {
        /// Names in the job's folder, before the dot and the number.
        prefix: String,
        /// Seconds from one to the next.
        interval: f64,
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Nothing: sound of a source that has none.
    Omitted,
}

impl Product {
    /// Of a file, without the dot; those of segments are alike.
    fn extension(&self) -> &str {
        match self {
            Self::File { extension, .. } | Self::CaptionsFile { extension, .. } => extension,
            Self::Stills { .. } => "jpg",
            _ => "",
        }
    }

    /// Whether ffmpeg makes it.
    fn is_encoded(&self) -> bool {
        !matches!(
            self,
            Self::Captions(_) | Self::CaptionsFile { .. } | Self::Omitted
        )
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// An output wants a picture.
    #[error("the input has no video track, and an output needs one")]
    NoVideo,
    /// Nothing is left to do.
    #[error("the input has no audio track, and no output is left without one")]
    NoAudio,
    /// A selector names a track that is not there.
    #[error("audio selector '{0}' selects a track that the input does not have")]
    NoTrack(String),
    /// A clip is not part of its input.
    #[error("{0}")]
    Timecode(String),
    /// The combination makes no sense for this source.
    #[error("{0}")]
    Unsupported(String),
}

/// Plans a job that reads `sources`.
///
/// # Errors
///
/// When the sources lack what the outputs need.
pub fn plan(settings: &Settings, sources: &Sources) -> Result<Plan, PlanError> {
    let settings = dynamic::resolved(settings, sources)?;
    let settings = settings.as_ref();
    let inputs = settings.inputs.first().zip(sources.inputs.first());
    let (input, files) =
        inputs.ok_or_else(|| PlanError::Unsupported("the job has no input".to_owned()))?;
    let media = &files.media;
    let pieces = timeline::pieces(&settings.inputs, sources)?;
    let mut planner = Planner {
        media,
        graph: Graph::new(settings, sources, pieces),
        facts: Facts::default(),
        outputs: Vec::new(),
        warnings: Vec::new(),
    };
    let mut groups = Vec::new();
    for (number, group) in settings.output_groups.iter().enumerate() {
        let group = planner.with_ladder(group);
        groups.push(planner.group(&group, number, &input.file_input)?);
    }
    let products = || {
        groups
            .iter()
            .flat_map(|group| &group.outputs)
            .map(|output| &output.product)
    };
    if !products().any(Product::is_encoded) {
        return Err(PlanError::NoAudio);
    }
    let pictures = products()
        .any(|product| product.is_encoded() && !matches!(product, Product::CmafAudio { .. }));
    Ok(Plan {
        duration: planner.graph.expected_duration(pictures),
        arguments: planner.arguments(),
        files: std::mem::take(&mut planner.graph.files),
        groups,
        warnings: planner.warnings,
    })
}

struct Planner<'a> {
    media: &'a Media,
    graph: Graph<'a>,
    /// What the output at hand is called by.
    facts: Facts,
    /// Arguments of each output file.
    outputs: Vec<Vec<String>>,
    warnings: Vec<String>,
}

impl Planner<'_> {
    fn group(
        &mut self,
        group: &OutputGroup,
        number: usize,
        input: &str,
    ) -> Result<PlannedGroup, PlanError> {
        let url = group
            .output_group_settings
            .destination()
            .unwrap_or_default();
        let of_group = Facts {
            input: destination::stem(input).to_owned(),
            ..Facts::default()
        };
        let destination = Destination::parse(&of_group.resolve(url), input)
            .ok_or_else(|| PlanError::Unsupported(format!("'{url}' is no S3 destination")))?;
        let packaging = match group.output_group_settings.streaming() {
            None => Packaging::File,
            Some(settings) => Packaging::Streaming {
                cadence: self.cadence(group, settings),
                settings: Box::new(settings.clone()),
            },
        };
        let mut outputs = Vec::new();
        for (index, output) in group.outputs.iter().enumerate() {
            let name = format!("g{number}o{index}");
            self.facts = of_group.clone();
            let mut product = self.output(output, &name, &packaging)?;
            if let Product::Transport(transport) = &mut product {
                transport.segment_modifier = self.facts.resolve(&transport.segment_modifier);
            }
            let modifier = self.facts.resolve(&output.name_modifier);
            let taken = |other: &PlannedOutput| {
                other.modifier == modifier && other.product.extension() == product.extension()
            };
            if modifier != output.name_modifier && outputs.iter().any(taken) {
                return Err(PlanError::Unsupported(format!(
                    "the name modifiers of two outputs come to '{modifier}'"
                )));
            }
            outputs.push(PlannedOutput {
                name: output.name_modifier.clone(),
                modifier,
                product,
            });
        }
        let sheets = match &packaging {
            Packaging::File => None,
            Packaging::Streaming { settings, cadence } => {
                self.sheets(group, settings, *cadence, &format!("g{number}"))?
            }
        };
        Ok(PlannedGroup {
            destination,
            packaging,
            outputs,
            sheets,
        })
    }

    /// The group with the renditions that automated ABR makes of its picture.
    fn with_ladder<'b>(&self, group: &'b OutputGroup) -> Cow<'b, OutputGroup> {
        let settings = group
            .automated_encoding_settings
            .as_ref()
            .and_then(|automated| automated.abr_settings.as_ref());
        let (Some(settings), Some((_, video))) = (settings, self.media.video()) else {
            return Cow::Borrowed(group);
        };
        let rate = rate::of_source(self.media, video).0;
        let Some(size) = self.graph.source_size() else {
            return Cow::Borrowed(group);
        };
        let ladder = abr::ladder(settings, size, rate.value());
        Cow::Owned(abr::expanded(group, &ladder))
    }

    /// All renditions of a group have the same segments, so the first one decides.
    fn cadence(&self, group: &OutputGroup, settings: &StreamingSettings) -> Cadence {
        let source = self
            .media
            .video()
            .map(|(_, video)| rate::of_source(self.media, video).0);
        let pictures = group.outputs.iter().find_map(|output| {
            let description = output.video_description.as_ref()?;
            let (_, encoder) = description.codec_settings.encoder()?;
            let source = filters::rate_of_frames(description, source?);
            let rate = rate::of_output(encoder, source);
            let automatic = f64::from(settings.fragment_length);
            Some((rate, rate::gop_frames(encoder, rate, automatic)))
        });
        rate::cadence(settings, pictures)
    }

    fn output(
        &mut self,
        output: &Output,
        name: &str,
        packaging: &Packaging,
    ) -> Result<Product, PlanError> {
        if let Some(captions) = self.captions(output) {
            return Ok(match packaging {
                Packaging::Streaming { .. } => Product::Captions(Box::new(captions)),
                Packaging::File => Product::CaptionsFile {
                    extension: output
                        .extension
                        .clone()
                        .unwrap_or_else(|| captions.format.extension().to_owned()),
                    captions: Box::new(captions),
                },
            });
        }
        if output.video_description.is_none() && output.audio_descriptions.is_empty() {
            // A dynamic selector found nothing.
            self.silent(&output.name_modifier);
            return Ok(Product::Omitted);
        }
        match packaging {
            Packaging::Streaming { settings, cadence } => {
                self.streaming(output, name, settings, *cadence)
            }
            Packaging::File => self.file(output, name, output.video_description.as_ref()),
        }
    }

    /// Notes what the output's name may tell.
    fn note_video(&mut self, video: &PlannedVideo) {
        let geometry = video.geometry;
        self.facts.size = Some((geometry.width, geometry.height));
        self.facts.frame_rate = Some(video.frame_rate.value());
        self.facts.video_bitrate = video.nominal_bitrate();
    }

    fn note_audio(&mut self, audio: &PlannedAudio) {
        self.facts.audio_bitrate = self.facts.audio_bitrate.saturating_add(audio.bitrate);
    }

    /// The captions of an output that has nothing else.
    fn captions(&self, output: &Output) -> Option<PlannedCaptions> {
        if output.video_description.is_some() || !output.audio_descriptions.is_empty() {
            return None;
        }
        let description = output.caption_descriptions.first()?;
        captions::planned(description, self.graph.sources, &self.graph.timeline)
    }

    fn silent(&mut self, modifier: &str) {
        self.warnings.push(format!(
            "The input has no such audio: the audio of output '{modifier}' was left out."
        ));
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = words("-hide_banner -nostdin -y -loglevel level+warning -nostats");
        arguments.extend(words("-progress pipe:1"));
        arguments.extend(self.graph.inputs.iter().flatten().cloned());
        arguments.extend(["-filter_complex".to_owned(), self.graph.text()]);
        for output in &self.outputs {
            // A track that comes late in the source must not fill the queues of the others.
            arguments.extend(words("-max_muxing_queue_size 9999"));
            arguments.extend(output.iter().cloned());
        }
        arguments
    }
}

fn fragments(flags: &str) -> Vec<String> {
    let mut arguments = words("-map_metadata -1 -map_chapters -1 -f mp4 -movflags");
    arguments.push(flags.to_owned());
    arguments
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests;

//! The filter graph: one decoder, split to all outputs.

use std::fmt::Write as _;

use crate::captions::{Window, ass};
use crate::media::{FORMATS, Hdr10, Media, Video};
use crate::ratio::Ratio;
use crate::settings::{
    AudioDescription, CaptionDescription, CaptionDestinationType, ColorCorrector,
    ColorSpaceConversion, ColorSpaceUsage, EncoderSettings, FrameCaptureSettings, Hdr10Metadata,
    ImageInserter, Initialize, Input, Rectangle, Rotate, ScalingBehavior, Settings, TimecodeSource,
    VideoDescription,
};
use crate::sources::Sources;
use crate::timecode::Timecode;

use super::audio::{self, PlannedAudio, Sound, Source};
use super::captions;
use super::color::Colors;
use super::filters;
use super::overlay::{self, Below, Clock};
use super::rate;
use super::size::{Geometry, Oriented, Wanted, fit};
use super::timeline::{self, Piece};
use super::video::PlannedVideo;
use super::{PlanError, words};

/// The filter graph of a job, as it grows.
///
/// Each piece of the timeline is a file that ffmpeg reads: where there are several, each output's
/// frames are made of each piece, put one after the other, and treated as one from there.
pub struct Graph<'a> {
    settings: &'a Settings,
    pub(super) sources: &'a Sources,
    pieces: Vec<Piece>,
    /// The pieces of the outputs' time, each with the index of its input.
    pub(super) timeline: Vec<(usize, Window)>,
    /// Files that filters read: name and text.
    pub(super) files: Vec<(String, String)>,
    /// Arguments for each file that ffmpeg reads; those of the pieces come first.
    pub(super) inputs: Vec<Vec<String>>,
    /// Files of sound among the inputs: which one, of which piece, and its URL.
    external: Vec<(usize, usize, String)>,
    /// What is drawn over each piece.
    drawn: Vec<String>,
    /// Filters that outputs share, each with the branches that follow.
    trunks: Vec<Trunk>,
    /// Where the pieces of an output come together.
    joints: Vec<Joint>,
    /// Chains with a source of their own.
    free: Vec<String>,
    labels: usize,
}

struct Trunk {
    /// Index of the file.
    file: usize,
    /// Index of the track in it.
    track: u32,
    picture: bool,
    filters: String,
    branches: Vec<Branch>,
}

struct Branch {
    filters: String,
    label: String,
}

/// One output's frames, of all pieces.
struct Joint {
    picture: bool,
    pads: Vec<String>,
    filters: String,
    label: String,
}

/// What becomes of a track on the way to one output.
struct Path {
    track: u32,
    /// Filters that other outputs may share.
    trunk: String,
    filters: String,
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
    pub(super) fn new(settings: &'a Settings, sources: &'a Sources, pieces: Vec<Piece>) -> Self {
        let inputs = pieces.iter().map(|piece| {
            let path = sources.inputs.get(piece.input);
            let path = path.map(|files| files.path.as_str()).unwrap_or_default();
            media_file(path, piece)
        });
        let mut graph = Self {
            settings,
            sources,
            inputs: inputs.collect(),
            drawn: Vec::new(),
            external: Vec::new(),
            timeline: pieces
                .iter()
                .map(|piece| (piece.input, piece.window))
                .collect(),
            pieces,
            files: Vec::new(),
            trunks: Vec::new(),
            joints: Vec::new(),
            free: Vec::new(),
            labels: 0,
        };
        graph.drawn = (0..graph.pieces.len())
            .map(|piece| graph.drawn_on_input(piece))
            .collect();
        graph
    }

    /// Filters that draw the images of an input over a piece of it.
    fn drawn_on_input(&mut self, number: usize) -> String {
        let Some(piece) = self.pieces.get(number) else {
            return String::new();
        };
        let (input, files) = (
            self.settings.inputs.get(piece.input),
            self.sources.inputs.get(piece.input),
        );
        let Some((input, media)) = input.zip(files.map(|files| &files.media)) else {
            return String::new();
        };
        let (Some(inserter), Some((_, video))) = (&input.image_inserter, media.video()) else {
            return String::new();
        };
        let rate = rate::of_source(media, video).0;
        let start = input.timecode_start.as_deref();
        let (first, drops) = timeline::first_frame(input.timecode_source, start, media, rate);
        let clock = Clock {
            rate,
            first,
            drops,
            start: -timeline::seconds(piece.window.start),
        };
        let below = Below {
            matrix: Colors::of_source(video, &input.video_selector).matrix(),
            deep: video.bit_depth() > 8,
        };
        self.images(inserter, &clock, below)
    }

    fn images(&mut self, inserter: &ImageInserter, clock: &Clock, below: Below) -> String {
        let (mut labels, mut files) = (self.labels, Vec::new());
        let (sources, before) = (self.sources, self.inputs.len());
        let file = |url: &str| {
            let image = sources.images.get(url).cloned().unwrap_or_default();
            files.push(overlay::image_file(&image));
            before + files.len() - 1
        };
        let label = || {
            labels += 1;
            format!("[o{}]", labels - 1)
        };
        let filters = overlay::images(inserter, clock, below, file, label);
        self.labels = labels;
        self.inputs.extend(files);
        filters
    }

    /// How timecodes of an output count.
    fn clock(&self, rate: Ratio) -> Clock {
        let config = &self.settings.timecode_config;
        let first = match (config.source, self.pieces.first(), self.reference()) {
            (TimecodeSource::Embedded, Some(piece), Ok(source)) => {
                let own = rate::of_source(source.media, source.video).0;
                let (frame, drops) = timeline::first_frame(config.source, None, source.media, own);
                let into = timeline::frames(timeline::seconds(piece.window.start), own);
                Some(Timecode::of_frame(frame + into, own, drops))
            }
            (TimecodeSource::Specifiedstart, ..) => {
                config.start.as_deref().and_then(|start| start.parse().ok())
            }
            _ => None,
        };
        Clock {
            rate,
            first: first.map_or(0, |timecode| timecode.frame(rate)),
            drops: first.is_some_and(Timecode::drops) && rate.denominator() != 1,
            start: 0.0,
        }
    }

    /// Filters that draw images and timecodes over an output, each with a comma behind it.
    fn drawn_on_output(
        &mut self,
        description: &VideoDescription,
        rate: Ratio,
        below: Below,
    ) -> String {
        let clock = self.clock(rate);
        let preprocessors = &description.video_preprocessors;
        let mut filters = String::new();
        if let Some(inserter) = &preprocessors.image_inserter {
            filters = self.images(inserter, &clock, below);
            if !filters.is_empty() {
                filters.push(',');
            }
        }
        if let Some(burnin) = &preprocessors.timecode_burnin {
            let name = format!("prefix{}.txt", self.files.len());
            filters.push_str(&overlay::timecodes(burnin, &clock, &name));
            filters.push(',');
            self.files
                .push((name, burnin.prefix.clone().unwrap_or_default()));
        }
        filters
    }

    /// How long the outputs should become. Seconds.
    pub(super) fn expected_duration(&self, pictures: bool) -> Option<f64> {
        match self.pieces.as_slice() {
            [piece] if !piece.clipped && !pictures => {
                let media = &self.sources.inputs.get(piece.input)?.media;
                let track = media.audio().next().map(|(track, _)| track);
                track.and_then(|track| track.duration).or(media.duration)
            }
            pieces => pieces.iter().map(|piece| piece.seconds).sum(),
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
        let first = self.reference()?;
        let corrector = &description.video_preprocessors.color_corrector;
        let source_rate = first.rate(description);
        let frame_rate = rate::of_output(settings, source_rate);
        let geometry = first.frame(description, pixel(settings))?;
        let gop = rate::gop_frames(settings, frame_rate, automatic_gop);
        let colors = first.colors().converted(corrector.color_space_conversion);
        let planned = PlannedVideo::new(codec, settings, geometry, frame_rate, gop)
            .with_brightness(colors.range(), first.hdr10(corrector));
        let mut paths = Vec::new();
        for source in self.pictures()? {
            let geometry = source.inside(geometry, description, &first)?;
            paths.push(Path {
                track: source.track,
                trunk: filters::shared(
                    description,
                    source.video,
                    source.rate(description),
                    frame_rate,
                ),
                filters: format!(
                    "{}{}{}{}",
                    source.cropped(description),
                    scaled(geometry, ""),
                    filters::denoised(description.video_preprocessors.noise_reducer.as_ref()),
                    source.colors().filters(corrector)
                ),
            });
        }
        let below = Below {
            matrix: colors.matrix(),
            deep: planned.is_deep(),
        };
        let last = planned.last_filters(&format!("x{}", self.labels));
        let burnt = self.burnt(captions, geometry);
        let drawn = self.drawn_on_output(description, frame_rate, below);
        let label = self.joined(paths, frame_rate, &format!("{burnt}{drawn}{last}"));
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
        let first = self.reference()?;
        let preprocessors = &description.video_preprocessors;
        let rate = first.rate(description);
        let geometry = first.frame(description, None)?;
        let denominator = capture.framerate_denominator.unwrap_or(1);
        let numerator = capture.framerate_numerator.unwrap_or(1);
        let interval = f64::from(denominator) / f64::from(numerator.max(1));
        // Half a frame early is on time: time stamps are rounded.
        let early = 0.5 / rate.value();
        let mut select = format!("gte(t+{early:.6}\\,selected_n*{denominator}/{numerator})");
        if let Some(max) = capture.max_captures {
            select = format!("{select}*lt(selected_n\\,{max})");
        }
        let select = format!("select={select}");
        let corrector = &preprocessors.color_corrector;
        let below = Below {
            matrix: first
                .colors()
                .converted(corrector.color_space_conversion)
                .matrix(),
            deep: false,
        };
        let drawn = self.drawn_on_output(description, rate, below);
        // Choose first, so that only what is kept is scaled. What pieces are joined of has to be
        // complete, and so has what timecodes are counted of.
        let late = self.is_joined() || preprocessors.timecode_burnin.is_some();
        let plain = drawn.is_empty() && first.colors().filters(corrector).is_empty();
        let size = if plain { ":out_range=full" } else { "" };
        let mut paths = Vec::new();
        for source in self.pictures()? {
            let geometry = source.inside(geometry, description, &first)?;
            let early = if late {
                String::new()
            } else {
                format!("{select},")
            };
            paths.push(Path {
                track: source.track,
                trunk: filters::shared(description, source.video, source.rate(description), rate),
                filters: format!(
                    "{early}{}{}{}{}",
                    source.cropped(description),
                    scaled(geometry, size),
                    filters::denoised(preprocessors.noise_reducer.as_ref()),
                    source.colors().filters(corrector)
                ),
            });
        }
        let select = if late {
            format!("{select},")
        } else {
            String::new()
        };
        let full = if plain { "" } else { "scale=out_range=full," };
        let after = format!("{drawn}{select}{full}format=yuvj420p");
        let quality = capture.quality.unwrap_or(80).clamp(1, 100);
        Ok(Stills {
            label: self.joined(paths, rate, &after),
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

    /// A branch that ends in a sound track; `None` when the inputs have no sound.
    pub(super) fn audio(
        &mut self,
        description: &AudioDescription,
    ) -> Result<Option<(PlannedAudio, String)>, PlanError> {
        let mut chosen = Vec::new();
        for piece in &self.pieces {
            let (input, files) = (
                self.settings.inputs.get(piece.input),
                self.sources.inputs.get(piece.input),
            );
            chosen.push(match input.zip(files) {
                Some((input, files)) => {
                    audio::choose(input, &files.media, self.sources, description)?
                }
                None => Source::Nothing,
            });
        }
        if chosen
            .iter()
            .all(|source| matches!(source, Source::Nothing))
        {
            return Ok(None);
        }
        let planned = audio::planned(description, &chosen);
        let normalized = audio::normalized(&planned, description);
        let mut pads = Vec::new();
        for (number, source) in chosen.iter().enumerate() {
            let mut filters = audio::filters(&planned, description, source)?;
            filters.push_str(&self.exact_length(number));
            if !self.is_joined() {
                filters.push_str(&normalized);
            }
            pads.push(match source.sounds() {
                [] => {
                    let piece = self.pieces.get(number);
                    let seconds = piece.and_then(|piece| piece.seconds).unwrap_or(1.0);
                    let label = self.label("a");
                    self.free.push(format!(
                        "anullsrc=r={}:cl={}:d={seconds},{filters}{label}",
                        planned.sample_rate,
                        audio::layout(planned.channels),
                    ));
                    label
                }
                [only] => self.sound(number, only, filters),
                several => self.merged(number, several, &planned, &filters),
            });
        }
        let label = if let [only] = pads.as_slice() {
            only.clone()
        } else {
            let filters = format!("{}{normalized}", audio::even(&planned));
            self.joint(false, pads, filters)
        };
        Ok(Some((planned, label)))
    }

    /// A branch of one track of a piece.
    fn sound(&mut self, piece: usize, sound: &Sound<'_>, filters: String) -> String {
        let file = match sound.external {
            None => piece,
            Some(url) => self.external(piece, url),
        };
        let path = Path {
            track: sound.track.index,
            trunk: String::new(),
            filters,
        };
        self.branch(file, false, path)
    }

    /// The channels of several tracks of a piece, one after the other.
    fn merged(
        &mut self,
        piece: usize,
        sounds: &[Sound<'_>],
        planned: &PlannedAudio,
        filters: &str,
    ) -> String {
        // The shortest track would end all.
        let seconds = self.pieces.get(piece).and_then(|piece| piece.seconds);
        let padded = seconds.map_or(String::new(), |s| format!(",apad=whole_dur={s:.6}"));
        let mut pads = String::new();
        for sound in sounds {
            let aligned = audio::aligned(planned, sound);
            pads.push_str(&self.sound(piece, sound, format!("{aligned}{padded}")));
        }
        let label = self.label("a");
        let count = sounds.len();
        self.free
            .push(format!("{pads}amerge=inputs={count},{filters}{label}"));
        label
    }

    /// The file of sound that belongs to a piece, among those that ffmpeg reads.
    fn external(&mut self, piece: usize, url: &str) -> usize {
        let known = self
            .external
            .iter()
            .find(|(_, of, own)| *of == piece && own == url);
        if let Some((file, ..)) = known {
            return *file;
        }
        let path = self
            .sources
            .sounds
            .get(url)
            .map(|files| files.path.as_str());
        let arguments = self
            .pieces
            .get(piece)
            .map(|piece| media_file(path.unwrap_or_default(), piece));
        let file = self.inputs.len();
        self.inputs.push(arguments.unwrap_or_default());
        self.external.push((file, piece, url.to_owned()));
        file
    }

    /// Filters that make the sound of a piece as long as its picture, so that the next one begins in
    /// time.
    fn exact_length(&self, piece: usize) -> String {
        let seconds = self.pieces.get(piece).and_then(|piece| piece.seconds);
        match seconds.filter(|_| self.is_joined()) {
            Some(seconds) => format!(",apad=whole_dur={seconds:.6},atrim=end={seconds:.6}"),
            None => String::new(),
        }
    }

    fn is_joined(&self) -> bool {
        self.pieces.len() > 1
    }

    /// The picture of each piece.
    fn pictures(&self) -> Result<Vec<Picture<'a>>, PlanError> {
        let picture = |piece: &Piece| {
            let input = self.settings.inputs.get(piece.input)?;
            let media = &self.sources.inputs.get(piece.input)?.media;
            let (track, video) = media.video()?;
            Some(Picture {
                input,
                media,
                track: track.index,
                video,
            })
        };
        let pictures = self.pieces.iter().map(picture);
        pictures
            .collect::<Option<Vec<_>>>()
            .filter(|pictures| !pictures.is_empty())
            .ok_or(PlanError::NoVideo)
    }

    /// The picture that sizes and rates follow: the first.
    fn reference(&self) -> Result<Picture<'a>, PlanError> {
        self.pictures()?.first().copied().ok_or(PlanError::NoVideo)
    }

    /// Pixels of the source, the way up that outputs show it, were its pixels square.
    pub(super) fn source_size(&self) -> Option<(u32, u32)> {
        let geometry = fit(
            self.reference().ok()?.oriented(),
            Wanted {
                pixel: Some(Ratio::ONE),
                ..Wanted::default()
            },
        );
        Some((geometry.width, geometry.height))
    }

    /// The frames of all pieces, at a constant rate.
    fn joined(&mut self, paths: Vec<Path>, rate: Ratio, after: &str) -> String {
        let joined = self.is_joined();
        let mut pads = Vec::new();
        for (number, mut path) in paths.into_iter().enumerate() {
            if !joined {
                path.filters = format!("{},{after}", path.filters);
            }
            pads.push(self.branch(number, true, path));
        }
        match pads.pop() {
            Some(only) if pads.is_empty() => only,
            last => {
                pads.extend(last);
                // Time stamps of joined pieces are rounded, and end with the longest track.
                self.joint(true, pads, format!("fps={rate}:start_time=0,{after}"))
            }
        }
    }

    fn joint(&mut self, picture: bool, pads: Vec<String>, filters: String) -> String {
        let label = self.label(if picture { "v" } else { "a" });
        self.joints.push(Joint {
            picture,
            pads,
            filters,
            label: label.clone(),
        });
        label
    }

    fn branch(&mut self, file: usize, picture: bool, path: Path) -> String {
        let label = self.label(if picture { "v" } else { "a" });
        let branch = Branch {
            filters: path.filters,
            label: label.clone(),
        };
        let same = |other: &&mut Trunk| {
            (other.file, other.track) == (file, path.track) && other.filters == path.trunk
        };
        match self.trunks.iter_mut().find(same) {
            Some(found) => found.branches.push(branch),
            None => self.trunks.push(Trunk {
                file,
                track: path.track,
                picture,
                filters: path.trunk,
                branches: vec![branch],
            }),
        }
        label
    }

    fn label(&mut self, kind: &str) -> String {
        self.labels += 1;
        format!("[{kind}{}]", self.labels - 1)
    }

    /// What comes before all else: the right way up, and no more than the piece.
    fn head(&self, file: usize, picture: bool) -> String {
        let external = self.external.iter().find(|(known, ..)| *known == file);
        let number = external.map_or(file, |(_, piece, _)| *piece);
        let Some(piece) = self.pieces.get(number) else {
            return String::new();
        };
        let mut filters = Vec::new();
        let pictures = self.pictures();
        if let Ok(pictures) = &pictures
            && picture
            && let Some(source) = pictures.get(file)
        {
            filters.extend(turn(source.turns()));
        }
        if piece.clipped {
            let (start, end) = (piece.start(), piece.end());
            // Half a frame early is on time: time stamps are rounded.
            let early = match &pictures {
                Ok(pictures) if picture => pictures.get(file).map_or(0.0, |source| {
                    0.5 / rate::of_source(source.media, source.video).0.value()
                }),
                _ => 0.0,
            };
            let end = end.map_or(String::new(), |end| format!(":end={:.6}", end - early));
            let (trim, clock) = if picture {
                ("trim", "setpts")
            } else {
                ("atrim", "asetpts")
            };
            filters.push(format!("{trim}=start={:.6}{end}", (start - early).max(0.0)));
            filters.push(format!("{clock}=PTS-{start:.6}/TB"));
        }
        if picture {
            let drawn = self.drawn.get(file).filter(|drawn| !drawn.is_empty());
            // The end of what is drawn over comes without its last frame's duration.
            filters.extend(drawn.map(|drawn| format!("{drawn},tpad=stop=1:stop_mode=clone")));
        }
        filters.join(",")
    }

    /// The graph in ffmpeg's language.
    pub fn text(&self) -> String {
        let mut chains = Vec::new();
        let of_trunk = |trunk: &Trunk| (trunk.file, trunk.track);
        let mut tracks: Vec<(usize, u32)> = self.trunks.iter().map(of_trunk).collect();
        tracks.sort_unstable();
        tracks.dedup();
        for (file, track) in tracks {
            let trunks: Vec<&Trunk> = self
                .trunks
                .iter()
                .filter(|trunk| of_trunk(trunk) == (file, track))
                .collect();
            let picture = trunks.iter().any(|trunk| trunk.picture);
            let own = match file {
                0 => String::new(),
                _ => format!("{file}i"),
            };
            let heads: Vec<String> = (0..trunks.len())
                .map(|n| format!("[t{own}{track}_{n}]"))
                .collect();
            let head = self.head(file, picture);
            chains.push(chain(&format!("[{file}:{track}]"), &head, picture, &heads));
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
        chains.extend(self.concatenation());
        chains.extend(self.free.iter().cloned());
        chains.join(";")
    }

    /// One filter puts all outputs' pieces together: each piece begins when the longest track of the
    /// one before has ended, the same for all.
    fn concatenation(&self) -> Vec<String> {
        let (pictures, sounds): (Vec<&Joint>, Vec<&Joint>) =
            self.joints.iter().partition(|joint| joint.picture);
        let joints: Vec<&Joint> = pictures.iter().chain(&sounds).copied().collect();
        if joints.is_empty() {
            return Vec::new();
        }
        let mut filter = String::new();
        for number in 0..self.pieces.len() {
            for joint in &joints {
                filter.push_str(joint.pads.get(number).map_or("", String::as_str));
            }
        }
        // Writing to a String can't fail.
        let _ = write!(
            filter,
            "concat=n={}:v={}:a={}",
            self.pieces.len(),
            pictures.len(),
            sounds.len()
        );
        for number in 0..joints.len() {
            let _ = write!(filter, "[j{number}]");
        }
        let mut chains = vec![filter];
        for (number, joint) in joints.iter().enumerate() {
            chains.push(format!("[j{number}]{}{}", joint.filters, joint.label));
        }
        chains
    }
}

/// The picture of a piece.
#[derive(Clone, Copy)]
struct Picture<'a> {
    input: &'a Input,
    media: &'a Media,
    track: u32,
    video: &'a Video,
}

impl Picture<'_> {
    /// Quarter turns, clockwise.
    fn turns(&self) -> u8 {
        match self.input.video_selector.rotate {
            Rotate::Degree0 => 0,
            Rotate::Degrees90 => 1,
            Rotate::Degrees180 => 2,
            Rotate::Degrees270 => 3,
            // Other containers have no rotation that the service reads, and other angles none
            // that it follows.
            Rotate::Auto if !self.media.is_iso() => 0,
            Rotate::Auto => match self.video.rotation.rem_euclid(360) {
                89..=91 => 1,
                179..=181 => 2,
                269..=271 => 3,
                _ => 0,
            },
        }
    }

    /// The rate of its frames.
    fn rate(&self, description: &VideoDescription) -> Ratio {
        let own = rate::of_source(self.media, self.video).0;
        filters::rate_of_frames(description, own)
    }

    fn colors(&self) -> Colors {
        Colors::of_source(self.video, &self.input.video_selector)
    }

    /// What screens are told of it.
    fn hdr10(&self, corrector: &ColorCorrector) -> Option<Hdr10> {
        let selector = &self.input.video_selector;
        let own = &self.video.hdr10;
        let made = corrector.color_space_conversion == ColorSpaceConversion::ForceHdr10;
        let asked = selector
            .hdr10_metadata
            .filter(|_| selector.color_space_usage == ColorSpaceUsage::Force || own.is_none());
        let told = match corrector.hdr10_metadata {
            Some(metadata) if made => Some(metadata),
            _ => asked,
        };
        told.map(Hdr10Metadata::to_media).or_else(|| own.clone())
    }

    /// The part of it that is used.
    fn crop(&self, description: &VideoDescription) -> Option<Rectangle> {
        self.input.crop.or(description.crop)
    }

    /// A filter that leaves only the part that is used, with a comma behind it.
    fn cropped(&self, description: &VideoDescription) -> String {
        let crop = self.crop(description);
        crop.map_or(String::new(), |part| {
            format!("crop={}:{}:{}:{},", part.width, part.height, part.x, part.y)
        })
    }

    /// The part of it that is used, the way up that outputs show it.
    fn shape(&self, description: &VideoDescription) -> Result<Oriented, PlanError> {
        let whole = self.oriented();
        let Some(part) = self.crop(description) else {
            return Ok(whole);
        };
        if !fits(part, whole.width, whole.height) {
            return Err(PlanError::Unsupported(format!(
                "the cropping rectangle is not inside of the picture of {} by {} pixels",
                whole.width, whole.height
            )));
        }
        Ok(Oriented {
            width: part.width,
            height: part.height,
            ..whole
        })
    }

    /// The frame of an output that follows this picture.
    fn frame(
        &self,
        description: &VideoDescription,
        pixel: Option<Ratio>,
    ) -> Result<Geometry, PlanError> {
        let position = self.input.position.or(description.position);
        let shape = match position {
            Some(_) => self.oriented(),
            None => self.shape(description)?,
        };
        self.placed(fit(shape, wanted(description, pixel)), description)
    }

    /// The frame of an output that follows the `first` picture, with this one in it.
    fn inside(
        &self,
        frame: Geometry,
        description: &VideoDescription,
        first: &Self,
    ) -> Result<Geometry, PlanError> {
        let shape = self.shape(description)?;
        if shape == first.shape(description)? && self.input.position == first.input.position {
            return Ok(frame);
        }
        let scaling = match description.scaling_behavior {
            // The frame is the first one's.
            ScalingBehavior::Fit | ScalingBehavior::FitNoUpscale => ScalingBehavior::Default,
            other => other,
        };
        let wanted = Wanted {
            width: Some(frame.width),
            height: Some(frame.height),
            scaling,
            pixel: Some(frame.pixel),
        };
        self.placed(fit(shape, wanted), description)
    }

    /// The same, where the settings want it in the frame.
    fn placed(
        &self,
        frame: Geometry,
        description: &VideoDescription,
    ) -> Result<Geometry, PlanError> {
        let Some(position) = self.input.position.or(description.position) else {
            return Ok(frame);
        };
        if !fits(position, frame.width, frame.height) {
            return Err(PlanError::Unsupported(format!(
                "the position is not inside of the frame of {} by {} pixels",
                frame.width, frame.height
            )));
        }
        Ok(Geometry {
            content: (position.width, position.height),
            place: Some((position.x, position.y)),
            ..frame
        })
    }

    fn oriented(&self) -> Oriented {
        let video = self.video;
        let (width, height, pixel) = (video.width, video.height, video.sample_aspect_ratio);
        if self.turns().is_multiple_of(2) {
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
}

/// ffmpeg's arguments for a media file.
fn media_file(path: &str, piece: &Piece) -> Vec<String> {
    let mut arguments = words("-noautorotate -protocol_whitelist file -format_whitelist");
    arguments.push(FORMATS.to_owned());
    arguments.extend(piece.reading());
    arguments.extend(["-i".to_owned(), path.to_owned()]);
    arguments
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

fn turn(quarters: u8) -> Option<String> {
    let filters = match quarters {
        1 => "transpose=clock",
        2 => "hflip,vflip",
        3 => "transpose=cclock",
        _ => return None,
    };
    Some(filters.to_owned())
}

fn fits(part: Rectangle, width: u32, height: u32) -> bool {
    let inside = |at: u32, size: u32, all: u32| {
        size > 0 && at.checked_add(size).is_some_and(|end| end <= all)
    };
    inside(part.x, part.width, width) && inside(part.y, part.height, height)
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
        place,
        pixel,
    } = geometry;
    let mut filters = format!("scale={}:{}:flags=bicubic{options}", content.0, content.1);
    if let Some((x, y)) = place {
        filters = format!("{filters},pad={width}:{height}:{x}:{y}");
    } else if content.0 > width || content.1 > height {
        filters = format!("{filters},crop={width}:{height}");
    } else if content != (width, height) {
        filters = format!("{filters},pad={width}:{height}:-1:-1");
    }
    format!("{filters},setsar={pixel}")
}

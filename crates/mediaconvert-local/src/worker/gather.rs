//! Fetches all that a job reads, and looks at it.

use std::collections::{BTreeMap, BTreeSet};

use tokio::io::AsyncReadExt;

use crate::captions::{Captions, CaptionsError, SECOND, encoding, scc, srt, ttml, webvtt};
use crate::extract::{self, ExtractError};
use crate::job::Failure;
use crate::media::{self, Media, ProbeError, TrackKind};
use crate::plan::rate;
use crate::ratio::Ratio;
use crate::settings::{
    CaptionDestinationType, CaptionSelector, CaptionSourceType, FileSourceSettings, Input,
    Settings, TimeDeltaUnits,
};
use crate::sources::{Image, InputFiles, Sources};
use crate::storage::{Bucket, FetchError, Source};

/// Bytes of a file of captions at most: those of a whole day are smaller.
const LARGEST_CAPTIONS: u64 = 50_000_000;

/// What a job reads. The files go away with this.
pub(super) struct Gathered {
    pub(super) sources: Sources,
    pub(super) warnings: Vec<String>,
    files: Vec<Source>,
}

impl Gathered {
    /// Fetches what the settings name.
    pub(super) async fn new(settings: &Settings, bucket: &Bucket) -> Result<Self, Failure> {
        let mut gathered = Self {
            sources: Sources::default(),
            warnings: Vec::new(),
            files: Vec::new(),
        };
        let wanted = wanted_captions(settings);
        for input in &settings.inputs {
            let (path, media) = gathered.media(bucket, &input.file_input).await?;
            let mut files = InputFiles {
                path,
                media,
                ..InputFiles::default()
            };
            files.captions = gathered.captions(bucket, input, &files, &wanted).await?;
            gathered.sources.inputs.push(files);
        }
        for url in sounds(settings) {
            let (path, media) = gathered.media(bucket, url).await?;
            let files = InputFiles {
                path,
                media,
                ..InputFiles::default()
            };
            gathered.sources.sounds.insert(url.to_owned(), files);
        }
        for url in images(settings) {
            let image = gathered.image(bucket, url).await?;
            gathered.sources.images.insert(url.to_owned(), image);
        }
        Ok(gathered)
    }

    /// Fetches a media file.
    async fn media(&mut self, bucket: &Bucket, url: &str) -> Result<(String, Media), Failure> {
        let source = self.fetch(bucket, url).await?;
        let media = media::probe(source.path())
            .await
            .map_err(|error| match &error {
                ProbeError::Unreadable(_) => {
                    Failure::new(1010, format!("Unable to open input '{url}': {error}."))
                }
                ProbeError::Run(cause) => {
                    Failure::new(1999, format!("ffprobe could not be run: {cause}."))
                }
            })?;
        Ok((source.path().display().to_string(), media))
    }

    /// Fetches an image that is drawn over pictures.
    async fn image(&mut self, bucket: &Bucket, url: &str) -> Result<Image, Failure> {
        let source = self.fetch(bucket, url).await?;
        let mut head = [0; 8];
        let mut file = tokio::fs::File::open(source.path())
            .await
            .map_err(|error| {
                Failure::new(1999, format!("The work folder can't be read: {error}."))
            })?;
        // A shorter file is none of those that are told by their beginning.
        let _ = file.read_exact(&mut head).await;
        let demuxer: &[&str] = match &head {
            b"\x89PNG\r\n\x1a\n" => &["-f", "png_pipe"],
            [b'B', b'M', ..] => &["-f", "bmp_pipe"],
            // TGA begins with nothing of its own.
            _ if url.to_lowercase().ends_with(".tga") => {
                &["-f", "image2", "-pattern_type", "none", "-c:v", "targa"]
            }
            _ => {
                let message = format!("Unable to open input '{url}': it is no PNG, BMP or TGA.");
                return Err(Failure::new(1010, message));
            }
        };
        Ok(Image {
            path: source.path().display().to_string(),
            demuxer,
        })
    }

    async fn fetch(&mut self, bucket: &Bucket, url: &str) -> Result<Source, Failure> {
        let source = bucket.source(url).await.map_err(|error| match &error {
            FetchError::Address => {
                Failure::new(1010, format!("Unable to open input '{url}': {error}."))
            }
            FetchError::Web(cause) => Failure::new(
                cause.code(),
                format!("Unable to read input '{url}': {error}."),
            ),
            FetchError::Missing(..) => {
                Failure::new(1404, format!("Unable to open input '{url}': {error}."))
            }
            FetchError::Denied(..) => {
                Failure::new(1401, format!("Unable to open input '{url}': {error}."))
            }
            FetchError::Transfer(..) => {
                Failure::new(1076, format!("Unable to read input '{url}': {error}."))
            }
            FetchError::Disk(cause) => Failure::new(
                1999,
                format!("The input '{url}' can't be kept on the local disk: {cause}."),
            ),
        })?;
        if source.size == 0 {
            return Err(Failure::new(
                1010,
                format!("Unable to open input '{url}': the file is empty."),
            ));
        }
        self.files.push(source.clone());
        Ok(source)
    }

    /// The captions of an input, by the names of their selectors.
    async fn captions(
        &mut self,
        bucket: &Bucket,
        input: &Input,
        files: &InputFiles,
        wanted: &[String],
    ) -> Result<BTreeMap<String, Captions>, Failure> {
        let mut found = BTreeMap::new();
        let mut embedded: Vec<(String, u32)> = Vec::new();
        let selectors = input
            .caption_selectors
            .iter()
            .filter(|(name, _)| wanted.contains(name));
        for (name, selector) in selectors {
            let settings = &selector.source_settings;
            let Some(kind) = settings.source_type else {
                continue;
            };
            let captions = match kind {
                CaptionSourceType::NullSource => continue,
                CaptionSourceType::Embedded => {
                    let channel = settings.embedded_source_settings.channel.unwrap_or(1);
                    embedded.push((name.clone(), channel));
                    continue;
                }
                CaptionSourceType::Ancillary => {
                    let channel = settings.ancillary_source_settings.channel.unwrap_or(1);
                    ancillary(name, channel, files).await?
                }
                _ => match &settings.file_source_settings {
                    Some(file) => self.file(bucket, kind, file, files).await?,
                    None => track(name, selector, files).await?,
                },
            };
            found.insert(name.clone(), captions);
        }
        if !embedded.is_empty() && files.media.video().is_some() {
            let channels: Vec<u32> = embedded.iter().map(|(_, channel)| *channel).collect();
            let path = std::path::Path::new(&files.path);
            let captions = extract::embedded(path, &files.media, &channels).await;
            let captions = captions.map_err(|error| unextracted(&input.file_input, &error))?;
            for ((name, channel), captions) in embedded.into_iter().zip(captions) {
                if captions.cues.is_empty() {
                    self.warnings.push(format!(
                        "The input '{}' has no captions in channel {channel}.",
                        input.file_input
                    ));
                }
                found.insert(name, captions);
            }
        }
        for (name, captions) in &found {
            for warning in &captions.warnings {
                self.warnings
                    .push(format!("Caption selector '{name}': {warning}."));
            }
        }
        Ok(found)
    }

    /// Captions of a file of their own.
    async fn file(
        &mut self,
        bucket: &Bucket,
        kind: CaptionSourceType,
        settings: &FileSourceSettings,
        files: &InputFiles,
    ) -> Result<Captions, Failure> {
        let url = &settings.source_file;
        let source = self.fetch(bucket, url).await?;
        if source.size > LARGEST_CAPTIONS {
            let message = format!("Unable to open input '{url}': it is too large for captions.");
            return Err(Failure::new(1010, message));
        }
        if kind == CaptionSourceType::Smi {
            let captions = extract::by_ffmpeg(source.path(), Some("sami"), None).await;
            let captions = captions.map_err(|error| unextracted(url, &error))?;
            return Ok(captions.delayed(delta(settings)));
        }
        let bytes = tokio::fs::read(source.path()).await.map_err(|error| {
            Failure::new(1999, format!("The work folder can't be read: {error}."))
        })?;
        let (text, guessed) = encoding::text(&bytes);
        let read = match kind {
            CaptionSourceType::Srt => srt::read(&text),
            CaptionSourceType::Webvtt => webvtt::read(&text),
            CaptionSourceType::Scc => scc::read(&text, scc_rate(settings, &files.media)),
            _ => ttml::read(&text),
        };
        let mut captions = read.map_err(|CaptionsError::Format(name, reason)| {
            Failure::new(
                1010,
                format!("Unable to open input '{url}': it is no {name} file: {reason}."),
            )
        })?;
        if guessed {
            captions
                .warnings
                .push("it is not in UTF-8, and was taken for Windows-1252".to_owned());
        }
        Ok(captions.delayed(delta(settings)))
    }
}

/// URLs of the files of sound that selectors name.
fn sounds(settings: &Settings) -> BTreeSet<&str> {
    let inputs = settings.inputs.iter();
    let urls = inputs.flat_map(|input| {
        let fixed = input.audio_selectors.values();
        let dynamic = input.dynamic_audio_selectors.values();
        fixed
            .map(|selector| selector.external_audio_file_input.as_deref())
            .chain(dynamic.map(|selector| selector.external_audio_file_input.as_deref()))
    });
    urls.flatten().collect()
}

/// URLs of the images that are drawn over pictures.
fn images(settings: &Settings) -> BTreeSet<&str> {
    let outputs = settings
        .output_groups
        .iter()
        .flat_map(|group| &group.outputs)
        .filter_map(|output| output.video_description.as_ref())
        .filter_map(|video| video.video_preprocessors.image_inserter.as_ref());
    let inputs = settings.inputs.iter();
    inputs
        .filter_map(|input| input.image_inserter.as_ref())
        .chain(outputs)
        .flat_map(|inserter| &inserter.insertable_images)
        .filter_map(|image| image.image_inserter_input.as_deref())
        .collect()
}

/// Names of selectors whose cues outputs need: captions that stay in the picture are not looked at.
fn wanted_captions(settings: &Settings) -> Vec<String> {
    settings
        .output_groups
        .iter()
        .flat_map(|group| &group.outputs)
        .flat_map(|output| &output.caption_descriptions)
        .filter(|description| description.kind() != Some(CaptionDestinationType::Embedded))
        .map(|description| description.selector().to_owned())
        .collect()
}

fn delta(settings: &FileSourceSettings) -> i64 {
    let unit = match settings.time_delta_units {
        TimeDeltaUnits::Seconds => SECOND,
        TimeDeltaUnits::Milliseconds => SECOND / 1000,
    };
    settings.time_delta.saturating_mul(unit)
}

/// Timecodes of SCC count at the rate that the settings say, or at that of the picture.
fn scc_rate(settings: &FileSourceSettings, media: &Media) -> Ratio {
    let own = settings
        .framerate
        .and_then(|rate| Ratio::new(rate.framerate_numerator, rate.framerate_denominator));
    let picture = || Some(rate::of_source(media, media.video()?.1).0);
    own.or_else(picture)
        .or(Ratio::new(30_000, 1001))
        .unwrap_or(Ratio::ONE)
}

/// Captions of the input's track of CEA-608.
async fn ancillary(name: &str, channel: u32, files: &InputFiles) -> Result<Captions, Failure> {
    let mut tracks = files.media.tracks.iter();
    let Some(track) = tracks.find(|track| track.codec == "eia_608") else {
        let message =
            format!("Caption selector '{name}' selects a track that the input does not have.");
        return Err(Failure::new(1040, message));
    };
    let path = std::path::Path::new(&files.path);
    extract::ancillary(path, &files.media, track.index, channel)
        .await
        .map_err(|error| unextracted(&format!("track {}", track.index + 1), &error))
}

/// Captions of a track of the input.
async fn track(
    name: &str,
    selector: &CaptionSelector,
    files: &InputFiles,
) -> Result<Captions, Failure> {
    const TEXT: [&str; 7] = ["mov_text", "subrip", "webvtt", "text", "ass", "ssa", "ttml"];
    let settings = selector
        .source_settings
        .track_source_settings
        .unwrap_or_default();
    let language = selector
        .custom_language_code
        .as_ref()
        .or(selector.language_code.as_ref());
    let fits = |track: &&media::Track| {
        language.is_none_or(|wanted| {
            let own = track.language.as_deref().unwrap_or("und");
            own.eq_ignore_ascii_case(wanted)
        })
    };
    let is_text = |track: &&media::Track| {
        matches!(track.kind, TrackKind::Data) && TEXT.contains(&track.codec.as_str())
    };
    let mut tracks = files.media.tracks.iter().filter(is_text);
    let number = |number: u32| {
        usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(1)
    };
    let found = match (settings.stream_number, settings.track_number) {
        (Some(stream), _) => tracks.find(|track| Some(track.index) == stream.checked_sub(1)),
        (None, Some(track)) => tracks.nth(number(track)),
        (None, None) => tracks.find(fits),
    };
    let Some(found) = found else {
        let message =
            format!("Caption selector '{name}' selects a track that the input does not have.");
        return Err(Failure::new(1040, message));
    };
    let path = std::path::Path::new(&files.path);
    extract::by_ffmpeg(path, None, Some(found.index))
        .await
        .map_err(|error| unextracted(&format!("track {}", found.index + 1), &error))
}

fn unextracted(what: &str, error: &ExtractError) -> Failure {
    match error {
        ExtractError::Unreadable(_) => {
            Failure::new(1010, format!("Unable to open input '{what}': {error}."))
        }
        ExtractError::Run(program, cause) => {
            Failure::new(1999, format!("{program} could not be run: {cause}."))
        }
    }
}

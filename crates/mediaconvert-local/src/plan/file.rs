//! Outputs of file groups.

use crate::settings::{
    Codec, Container, ContainerSettings, Output, TransportSettings, VideoCodecSettings,
    VideoDescription,
};

use super::{PlanError, Planner, Product, captions, words};

impl Planner<'_> {
    pub(super) fn file(
        &mut self,
        output: &Output,
        name: &str,
        description: Option<&VideoDescription>,
    ) -> Result<Product, PlanError> {
        if let Some(description) = description
            && let VideoCodecSettings::FrameCapture { capture } = &description.codec_settings
        {
            let stills = self.graph.stills(description, capture)?;
            self.facts.size = Some((stills.width, stills.height));
            self.facts.frame_rate = Some(1.0 / stills.interval);
            "jpg".clone_into(&mut self.facts.extension);
            let mut arguments = vec!["-map".to_owned(), stills.label];
            arguments.extend(words(
                "-fps_mode passthrough -c:v mjpeg -f image2 -start_number 0",
            ));
            arguments.extend(["-q:v".to_owned(), stills.quantizer.to_string()]);
            arguments.push(format!("{name}.%07d.jpg"));
            self.outputs.push(arguments);
            return Ok(Product::Stills {
                prefix: name.to_owned(),
                interval: stills.interval,
                width: stills.width,
                height: stills.height,
            });
        }
        let mut maps = Vec::new();
        let mut encoders = Vec::new();
        let mut picture = None;
        if let Some(description) = description {
            let (video, label) =
                self.graph
                    .video(description, &output.caption_descriptions, 2.0)?;
            maps.extend(["-map".to_owned(), label]);
            encoders.extend(video.encoder(None));
            self.note_video(&video);
            encoders.extend(captions::embedded(output, video.codec));
            picture = Some(video);
        }
        for (index, description) in output.audio_descriptions.iter().enumerate() {
            match self.graph.audio(description)? {
                Some((audio, label)) => {
                    maps.extend(["-map".to_owned(), label]);
                    self.note_audio(&audio);
                    encoders.extend(audio.encoder_of(index));
                }
                None => self.silent(&output.name_modifier),
            }
        }
        if maps.is_empty() {
            return Ok(Product::Omitted);
        }
        let format = Format::new(
            output.container_settings.as_ref(),
            picture.as_ref().map(|video| video.codec),
            &encoders,
            maps.len() / 2,
        );
        let mut arguments = maps;
        arguments.extend(encoders);
        // Chosen for the codec string of the segments; these containers have tags of their own.
        if !format.tagged {
            drop_option(&mut arguments, "-tag:v");
        }
        arguments.extend(words("-map_metadata -1 -map_chapters -1"));
        arguments.extend(format.options);
        let file = format!("{name}.{}", format.extension);
        arguments.extend(["-f".to_owned(), format.muxer.to_owned(), file.clone()]);
        self.outputs.push(arguments);
        let extension = output
            .extension
            .clone()
            .unwrap_or_else(|| format.extension.to_owned());
        self.facts.extension.clone_from(&extension);
        Ok(Product::File {
            file,
            extension,
            video: picture,
        })
    }
}

/// How a file is written.
struct Format {
    /// ffmpeg's name of the muxer.
    muxer: &'static str,
    /// Without the dot; the service's default.
    extension: &'static str,
    options: Vec<String>,
    /// It is of the MP4 family, whose tracks have four characters.
    tagged: bool,
}

impl Format {
    fn new(
        settings: Option<&ContainerSettings>,
        codec: Option<Codec>,
        encoders: &[String],
        tracks: usize,
    ) -> Self {
        let container = settings.and_then(|settings| settings.container);
        let plain = |muxer, extension| Self {
            muxer,
            extension,
            options: Vec::new(),
            tagged: false,
        };
        match container {
            Some(Container::Mov) => Self {
                options: words("-movflags +faststart"),
                tagged: true,
                ..plain("mov", "mov")
            },
            Some(Container::M2ts) => Self {
                options: settings.map_or_else(Vec::new, |s| {
                    transport(&s.m2ts_settings, codec.is_some(), tracks)
                }),
                ..plain("mpegts", "m2ts")
            },
            Some(Container::Webm) => plain("webm", "webm"),
            Some(Container::Gif) => plain("gif", "gif"),
            Some(Container::Raw) => {
                let (muxer, extension) = raw(codec, encoders);
                plain(muxer, extension)
            }
            _ => Self {
                options: settings.map_or_else(Vec::new, mp4),
                tagged: true,
                ..plain("mp4", "mp4")
            },
        }
    }
}

fn mp4(settings: &ContainerSettings) -> Vec<String> {
    let settings = &settings.mp4_settings;
    let mut options = Vec::new();
    if settings.moov_placement.as_deref() != Some("NORMAL") {
        options.extend(words("-movflags +faststart"));
    }
    if let Some(brand) = &settings.mp4_major_brand {
        options.extend(["-brand".to_owned(), brand.clone()]);
    }
    options
}

/// What a track is called without a container. The audio encoders are told apart by ffmpeg's names.
fn raw(codec: Option<Codec>, encoders: &[String]) -> (&'static str, &'static str) {
    match codec {
        Some(Codec::H265) => ("hevc", "h265"),
        Some(Codec::Av1) => ("obu", "obu"),
        Some(Codec::Vp8 | Codec::Vp9) => ("ivf", "ivf"),
        Some(_) => ("h264", "h264"),
        None => raw_audio(encoders),
    }
}

/// The same of a sound.
pub(super) fn raw_audio(encoders: &[String]) -> (&'static str, &'static str) {
    let encoder = encoders
        .iter()
        .skip_while(|argument| !argument.starts_with("-c:a"))
        .nth(1)
        .map_or("", String::as_str);
    match encoder {
        "libmp3lame" => ("mp3", "mp3"),
        "ac3" => ("ac3", "ac3"),
        "eac3" => ("eac3", "ec3"),
        "flac" => ("flac", "flac"),
        "libopus" => ("ogg", "opus"),
        "libvorbis" => ("ogg", "ogg"),
        "mp2" => ("mp2", "mp2"),
        pcm if pcm.ends_with("be") && pcm.starts_with("pcm_") => ("aiff", "aiff"),
        pcm if pcm.starts_with("pcm_") => ("wav", "wav"),
        _ => ("adts", "aac"),
    }
}

/// Options of the transport stream muxer, for so many `tracks`, of which the first may be a picture.
pub(super) fn transport(settings: &TransportSettings, picture: bool, tracks: usize) -> Vec<String> {
    let mut options = Vec::new();
    let mut set = |name: &str, value: Option<u32>| {
        if let Some(value) = value {
            options.extend([name.to_owned(), value.to_string()]);
        }
    };
    set("-mpegts_transport_stream_id", settings.transport_stream_id);
    set("-mpegts_service_id", settings.program_number);
    set("-mpegts_pmt_start_pid", settings.pmt_pid);
    set("-muxrate", settings.bitrate.filter(|rate| *rate > 0));
    let sounds = settings.audio_pids.iter().copied().map(Some);
    let pids = std::iter::once(settings.video_pid)
        .take(usize::from(picture))
        .chain(sounds);
    for (index, pid) in pids.enumerate().take(tracks) {
        if let Some(pid) = pid {
            options.extend(["-streamid".to_owned(), format!("{index}:{pid}")]);
        }
    }
    options
}

pub(super) fn drop_option(arguments: &mut Vec<String>, name: &str) {
    if let Some(at) = arguments.iter().position(|argument| argument == name) {
        arguments.drain(at..(at + 2).min(arguments.len()));
    }
}

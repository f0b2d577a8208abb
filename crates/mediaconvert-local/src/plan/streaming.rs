//! Outputs of segmented groups.
//!
//! Of MP4, ffmpeg writes one fragmented file a track, which [`crate::package`] cuts afterwards. Of
//! MPEG transport streams it writes the segments itself, since a player expects their continuity
//! counters to go on from one to the next.

use crate::settings::{
    AudioOnlyContainer, Container, Output, PlaylistSettings, StreamKind, StreamingSettings,
    TransportSettings, VideoDescription,
};

use super::audio::PlannedAudio;
use super::captions;
use super::file::{raw_audio, transport};
use super::rate::Cadence;
use super::video::PlannedVideo;
use super::{PlanError, Planner, Product, fragments, words};

/// When the first picture of a transport stream is shown, unless the job says otherwise. Seconds.
/// There has to be room for the pictures that are decoded before it, and for sound before time zero.
pub const FIRST_TIME: f64 = 2.0;

/// A transport stream, or sound as its codec makes it, in segments that ffmpeg cut.
#[derive(Clone, Debug)]
pub struct Transport {
    /// ffmpeg's list of the segments, in the job's folder.
    pub list: String,
    /// Of the segments, without the dot.
    pub extension: &'static str,
    /// Its picture.
    pub video: Option<PlannedVideo>,
    /// Its sounds.
    pub sounds: Vec<PlannedAudio>,
    /// The codecs of the sounds, by RFC 6381.
    pub sound_codecs: Vec<&'static str>,
    /// How players find it.
    pub playlist: PlaylistSettings,
    /// What the names of segments have before their number.
    pub segment_modifier: String,
    /// When its first picture is shown. Seconds.
    pub first_time: f64,
}

impl Planner<'_> {
    pub(super) fn streaming(
        &mut self,
        output: &Output,
        name: &str,
        settings: &StreamingSettings,
        cadence: Cadence,
    ) -> Result<Product, PlanError> {
        if settings.kind == StreamKind::Hls {
            return self.transport(output, name, settings, cadence);
        }
        if let Some(description) = &output.video_description {
            return self.track(output, description, name, settings, cadence);
        }
        let Some(description) = output.audio_descriptions.first() else {
            return Ok(Product::Omitted);
        };
        let Some((mut audio, label)) = self.graph.audio(description)? else {
            self.silent(&output.name_modifier);
            return Ok(Product::Omitted);
        };
        audio.set_names(description, &output.playlist());
        self.note_audio(&audio);
        self.facts.extension = extension(settings, "cmfa");
        let file = format!("{name}.mp4");
        let mut arguments = vec!["-map".to_owned(), label];
        arguments.extend(audio.encoder());
        arguments.extend(fragments("empty_moov+default_base_moof"));
        arguments.extend(words("-frag_duration 2000000"));
        arguments.push(file.clone());
        self.outputs.push(arguments);
        Ok(Product::CmafAudio { file, audio })
    }

    fn track(
        &mut self,
        output: &Output,
        description: &VideoDescription,
        name: &str,
        settings: &StreamingSettings,
        cadence: Cadence,
    ) -> Result<Product, PlanError> {
        let automatic = f64::from(settings.fragment_length);
        let (video, label) =
            self.graph
                .video(description, &output.caption_descriptions, automatic)?;
        self.note_video(&video);
        self.facts.extension = extension(settings, "cmfv");
        let file = format!("{name}.mp4");
        let mut arguments = vec!["-map".to_owned(), label];
        arguments.extend(video.encoder(cadence.forced.then_some(cadence.segment)));
        arguments.extend(captions::embedded(output, video.codec));
        arguments.extend(fragments("frag_keyframe+empty_moov+default_base_moof"));
        arguments.extend(words("-video_track_timescale 90000"));
        arguments.push(file.clone());
        self.outputs.push(arguments);
        let playlist = output.playlist();
        Ok(Product::CmafVideo {
            file,
            video,
            audio_groups: audio_groups(&playlist),
            i_frames: playlist.i_frame_only_manifest,
        })
    }

    fn transport(
        &mut self,
        output: &Output,
        name: &str,
        settings: &StreamingSettings,
        cadence: Cadence,
    ) -> Result<Product, PlanError> {
        let playlist = output.playlist();
        let mut maps = Vec::new();
        let mut encoders = Vec::new();
        let mut picture = None;
        if let Some(description) = &output.video_description {
            let automatic = f64::from(settings.fragment_length);
            let (video, label) =
                self.graph
                    .video(description, &output.caption_descriptions, automatic)?;
            maps.extend(["-map".to_owned(), label]);
            encoders.extend(video.encoder(cadence.forced.then_some(cadence.segment)));
            self.note_video(&video);
            encoders.extend(captions::embedded(output, video.codec));
            picture = Some(video);
        }
        let mut sounds = Vec::new();
        let mut sound_codecs = Vec::new();
        for (index, description) in output.audio_descriptions.iter().enumerate() {
            let Some((mut audio, label)) = self.graph.audio(description)? else {
                self.silent(&output.name_modifier);
                continue;
            };
            audio.set_names(description, &playlist);
            self.note_audio(&audio);
            maps.extend(["-map".to_owned(), label]);
            let encoder = audio.encoder_of(index);
            sound_codecs.push(sound_codec(&encoder));
            encoders.extend(encoder);
            sounds.push(audio);
        }
        if maps.is_empty() {
            return Ok(Product::Omitted);
        }
        let container = output.container_settings.as_ref();
        let own = container.map_or_else(TransportSettings::default, |s| s.m3u8_settings.clone());
        let hls = &output.output_settings.hls_settings;
        let packed = picture.is_none()
            && hls.audio_only_container != Some(AudioOnlyContainer::M2ts)
            && container.and_then(|s| s.container) != Some(Container::M2ts);
        let tracks = maps.len() / 2;
        let first_time = first_time(&own);
        let (list, extension, writer) = if packed {
            let (muxer, extension) = raw_audio(&encoders);
            let list = format!("{name}.csv");
            let options = packed_segments(name, muxer, extension, cadence.segment);
            (list, extension, options)
        } else {
            let options = segment_options(&transport(&own, picture.is_some(), tracks));
            let single = settings.is_single_file();
            let segments = transport_segments(name, cadence.segment, first_time, single);
            (
                format!("{name}.m3u8"),
                "ts",
                options.into_iter().chain(segments).collect(),
            )
        };
        extension.clone_into(&mut self.facts.extension);
        let mut arguments = maps;
        super::file::drop_option(&mut encoders, "-tag:v");
        arguments.extend(encoders);
        arguments.extend(words("-map_metadata -1 -map_chapters -1"));
        arguments.extend(writer);
        self.outputs.push(arguments);
        Ok(Product::Transport(Box::new(Transport {
            list,
            extension,
            video: picture,
            sounds,
            sound_codecs,
            playlist,
            segment_modifier: hls.segment_modifier.clone().unwrap_or_default(),
            first_time,
        })))
    }
}

fn extension(settings: &StreamingSettings, own: &str) -> String {
    match settings.kind {
        StreamKind::Dash => "mp4".to_owned(),
        _ => own.to_owned(),
    }
}

/// The HLS muxer passes packet identifiers on to that of its segments, other options only in a list.
fn segment_options(options: &[String]) -> Vec<String> {
    let mut passed = Vec::new();
    let mut listed = Vec::new();
    for pair in options.chunks_exact(2) {
        match pair[0].strip_prefix("-mpegts_") {
            Some(name) => listed.push(format!("mpegts_{name}={}", pair[1])),
            None => passed.extend_from_slice(pair),
        }
    }
    if !listed.is_empty() {
        passed.extend(["-hls_segment_options".to_owned(), listed.join(":")]);
    }
    passed
}

/// The sound groups that go with a picture.
pub fn audio_groups(playlist: &PlaylistSettings) -> Vec<String> {
    let groups = playlist.audio_rendition_sets.as_deref().unwrap_or_default();
    groups
        .split(',')
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

fn first_time(settings: &TransportSettings) -> f64 {
    let offset = settings.pts_offset.map(f64::from);
    match settings.pts_offset_mode.as_deref() {
        Some("SECONDS") => offset.unwrap_or(FIRST_TIME),
        Some("MILLISECONDS") => offset.map_or(FIRST_TIME, |milliseconds| milliseconds / 1000.0),
        _ => FIRST_TIME,
    }
}

/// ffmpeg cuts at the first key frame that is not before a multiple of the length; a microsecond
/// less makes sure of those that are rounded down.
fn segment_time(seconds: f64) -> String {
    format!("{:.6}", (seconds * 1e6).floor() / 1e6 - 0.000_001)
}

fn transport_segments(name: &str, segment: f64, first_time: f64, single: bool) -> Vec<String> {
    let mut options = words("-f hls -hls_segment_type mpegts");
    options.extend(["-hls_time".to_owned(), segment_time(segment)]);
    options.extend(words("-start_number 1"));
    if single {
        options.extend(words(
            "-hls_playlist_type vod -hls_flags independent_segments+single_file",
        ));
        options.extend(["-hls_segment_filename".to_owned(), format!("{name}.ts")]);
    } else {
        // The list grows, and what is on it is whole.
        options.extend(words(
            "-hls_playlist_type event -hls_flags independent_segments+temp_file",
        ));
        options.extend([
            "-hls_segment_filename".to_owned(),
            format!("{name}_%05d.ts"),
        ]);
    }
    options.extend(words("-muxdelay 0 -muxpreload 0 -output_ts_offset"));
    options.extend([first_time.to_string(), format!("{name}.m3u8")]);
    options
}

fn packed_segments(name: &str, muxer: &str, extension: &str, segment: f64) -> Vec<String> {
    let mut options = words("-f segment -segment_format");
    options.push(muxer.to_owned());
    options.extend(["-segment_time".to_owned(), segment_time(segment)]);
    options.extend(words("-segment_start_number 1 -segment_list_type csv"));
    options.extend(["-segment_list".to_owned(), format!("{name}.csv")]);
    options.push(format!("{name}_%05d.{extension}"));
    options
}

/// What a playlist calls a sound. The encoders are told apart by ffmpeg's names.
fn sound_codec(encoder: &[String]) -> &'static str {
    let has = |wanted: &str| encoder.iter().any(|argument| argument == wanted);
    match () {
        () if has("ac3") => "ac-3",
        () if has("eac3") => "ec-3",
        () if has("libmp3lame") => "mp4a.40.34",
        () if has("aac_he_v2") => "mp4a.40.29",
        () if has("aac_he") => "mp4a.40.5",
        () => "mp4a.40.2",
    }
}

use super::*;
use crate::manifest::tests::presentation;
use crate::manifest::{KeyFrame, SegmentInfo, Span};
use crate::settings::{SegmentControl, StreamingSettings};

#[test]
fn a_multivariant_playlist_names_sound_after_the_variants() {
    insta::assert_snapshot!(multivariant_playlist(&presentation()));
}

#[test]
fn a_media_playlist_in_exact_durations() {
    let mut presentation = presentation();
    presentation.settings.manifest_duration_format = ManifestDurationFormat::FloatingPoint;
    presentation.settings.target_duration_compatibility_mode = TargetDuration::SpecCompliant;
    insta::assert_snapshot!(media_playlist(&presentation, &presentation.renditions[0]));
}

#[test]
fn the_defaults_are_whole_seconds_under_a_longer_target() {
    let mut presentation = presentation();
    presentation.settings = StreamingSettings::default();
    insta::assert_snapshot!(media_playlist(&presentation, &presentation.renditions[2]));
}

#[test]
fn without_a_picture_the_sound_is_the_variant() {
    let mut presentation = presentation();
    presentation.renditions.drain(..2);
    let text = multivariant_playlist(&presentation);
    assert!(text.contains("#EXT-X-STREAM-INF:BANDWIDTH=128000,AVERAGE-BANDWIDTH=128000,CODECS=\"mp4a.40.2\"\nvideo_audio.m3u8"), "{text}");
    assert!(!text.contains("EXT-X-MEDIA:"), "{text}");
}

#[test]
fn a_picture_goes_with_the_groups_it_names() {
    let mut presentation = presentation();
    if let Kind::Video { audio_groups, .. } = &mut presentation.renditions[0].kind {
        audio_groups.push("other".to_owned());
    }
    let text = multivariant_playlist(&presentation);
    assert_eq!(
        text.matches("AUDIO=\"program_audio_0\"\n").count(),
        1,
        "{text}"
    );
}

#[test]
fn names_cannot_break_out_of_their_quotes() {
    assert_eq!(quoted("a\"b\nc"), "abc");
}

/// The first picture of the usual presentation as a transport stream.
fn transport() -> Presentation {
    let mut presentation = presentation();
    presentation.settings = *StreamingSettings::hls();
    presentation.settings.manifest_duration_format = ManifestDurationFormat::FloatingPoint;
    for (rendition, extension) in presentation.renditions.iter_mut().zip(["ts", "ts", "aac"]) {
        rendition.layout = Layout::Transport {
            segment_modifier: "_s".to_owned(),
            extension,
            folders: None,
        };
    }
    let picture = &mut presentation.renditions[0];
    picture.codec = "avc1.64001f,mp4a.40.2".to_owned();
    picture.key_frames = (0..3)
        .map(|number| KeyFrame {
            time: 540_540 * number,
            segment: usize::try_from(number).unwrap(),
            span: Span {
                offset: 564,
                size: 20_000 + number,
            },
        })
        .collect();
    picture.init = Some(Span {
        offset: 0,
        size: 564,
    });
    presentation
}

#[test]
fn transport_streams_have_playlists_of_segments_and_of_key_frames() {
    let presentation = transport();
    let picture = &presentation.renditions[0];
    insta::assert_snapshot!(
        [
            multivariant_playlist(&presentation),
            media_playlist(&presentation, picture),
            key_frame_playlist(&presentation, picture)
        ]
        .join("\n")
    );
}

#[test]
fn an_encrypted_playlist_tells_the_key_before_the_first_segment() {
    let mut presentation = transport();
    presentation.settings.encryption = serde_json::from_value(serde_json::json!({
        "encryptionMethod": "AES128", "constantInitializationVector": "00112233445566778899aabbccddeeff",
        "staticKeyProvider": {"url": "https://keys/1", "keyFormat": "identity", "keyFormatVersions": "1"}
    }))
    .ok();
    let text = media_playlist(&presentation, &presentation.renditions[0]);
    let key = "#EXT-X-KEY:METHOD=AES-128,URI=\"https://keys/1\",IV=0x00112233445566778899aabbccddeeff,\
               KEYFORMAT=\"identity\",KEYFORMATVERSIONS=\"1\"\n#EXTINF";
    assert!(text.contains(key), "{text}");
}

#[test]
fn samples_that_are_encrypted_are_told_after_the_header_that_is_not() {
    for (method, told) in [("SAMPLE_AES", "SAMPLE-AES"), ("AES_CTR", "SAMPLE-AES-CTR")] {
        let mut presentation = presentation();
        presentation.settings.encryption = serde_json::from_value(serde_json::json!({
            "encryptionMethod": method, "staticKeyProvider": {"url": "https://keys/1"}
        }))
        .ok();
        let text = media_playlist(&presentation, &presentation.renditions[0]);
        let lines =
            format!("init.cmfv\"\n#EXT-X-KEY:METHOD={told},URI=\"https://keys/1\"\n#EXTINF");
        assert!(text.contains(&lines), "{text}");
    }
}

#[test]
fn a_playlist_in_a_folder_names_its_segments_from_there() {
    let mut presentation = presentation();
    presentation.renditions[0].modifier = "/hls/".to_owned();
    let text = media_playlist(&presentation, &presentation.renditions[0]);
    assert!(text.contains("\n_000000001.cmfv\n"), "{text}");
    assert!(text.contains("URI=\"init.cmfv\""), "{text}");
    let first = multivariant_playlist(&presentation);
    assert!(first.contains("\nvideo/hls/.m3u8\n"), "{first}");
}

#[test]
fn captions_of_an_encrypted_group_are_readable() {
    let mut presentation = transport();
    presentation.settings.encryption =
        serde_json::from_value(serde_json::json!({"encryptionMethod": "AES128"})).ok();
    let mut captions = presentation.renditions[0].clone();
    captions.kind = Kind::Captions {
        language: None,
        name: None,
        accessible: false,
    };
    assert!(!media_playlist(&presentation, &captions).contains("EXT-X-KEY"));
}

#[test]
fn a_single_file_is_told_in_ranges() {
    let mut presentation = presentation();
    presentation.settings.segment_control = SegmentControl::SingleFile;
    presentation.renditions[0].segments = vec![SegmentInfo {
        start: 0,
        duration: 540_540,
        size: 5000,
        offset: 900,
    }];
    let text = media_playlist(&presentation, &presentation.renditions[0]);
    assert!(
        text.contains("#EXT-X-MAP:URI=\"video_720p.cmfv\",BYTERANGE=\"800@0\"\n"),
        "{text}"
    );
    assert!(
        text.contains("#EXT-X-BYTERANGE:5000@900\nvideo_720p.cmfv\n"),
        "{text}"
    );
}

#[test]
fn the_time_of_day_goes_on_past_midnight() {
    assert_eq!(time_of_day(86_400.0 + 3_661.25), "1970-01-02T01:01:01.250Z");
}

#[test]
fn sound_alone_is_a_variant_where_the_job_wants_it() {
    let mut presentation = transport();
    if let Kind::Audio { track_type, .. } = &mut presentation.renditions[2].kind {
        *track_type = Some(AudioTrackType::AudioOnlyVariantStream);
    }
    let text = multivariant_playlist(&presentation);
    assert!(!text.contains("EXT-X-MEDIA:"), "{text}");
    assert!(
        text.contains("CODECS=\"mp4a.40.2\"\nvideo_audio.m3u8\n"),
        "{text}"
    );
}

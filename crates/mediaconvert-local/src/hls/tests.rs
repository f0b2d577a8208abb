use super::*;
use crate::manifest::tests::presentation;
use crate::settings::StreamingSettings;

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

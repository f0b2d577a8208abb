use super::*;
use crate::manifest::tests::presentation;
use crate::settings::SegmentControl;

#[test]
fn a_manifest_tells_each_segment() {
    insta::assert_snapshot!(manifest(&presentation()));
}

#[test]
fn without_a_timeline_there_is_one_duration() {
    let mut presentation = presentation();
    presentation
        .settings
        .write_segment_timeline_in_representation = Toggle::Disabled;
    let text = manifest(&presentation);
    assert!(
        text.contains("startNumber=\"1\" duration=\"540540\"/>"),
        "{text}"
    );
}

#[test]
fn an_encrypted_set_tells_its_key() {
    let mut presentation = presentation();
    presentation.settings.encryption = serde_json::from_value(serde_json::json!({
        "encryptionMethod": "SAMPLE_AES", "staticKeyProvider": {"url": "https://keys/1"}
    }))
    .ok();
    let text = manifest(&presentation);
    let told = "<ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"cbcs\" \
                cenc:default_KID=\"";
    assert_eq!(text.matches(told).count(), 2, "{text}");
    assert!(text.contains("xmlns:cenc=\"urn:mpeg:cenc:2013\""), "{text}");
}

#[test]
fn names_are_escaped() {
    let mut presentation = presentation();
    presentation.base = "a&b é$c".to_owned();
    let text = manifest(&presentation);
    assert!(
        text.contains("media=\"a&amp;b%20%C3%A9$$c_720p_$Number%09d$.cmfv\""),
        "{text}"
    );
}

#[test]
fn a_single_file_is_told_by_its_index() {
    let mut presentation = presentation();
    presentation.settings.segment_control = SegmentControl::SingleFile;
    presentation.settings.mpd_profile = MpdProfile::OnDemandProfile;
    presentation.renditions[0].index = Some(Span {
        offset: 800,
        size: 68,
    });
    let text = manifest(&presentation);
    let expected = "<BaseURL>video_720p.cmfv</BaseURL>\n        \
                    <SegmentBase timescale=\"90000\" indexRange=\"800-867\">\n          \
                    <Initialization range=\"0-799\"/>";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("profile:isoff-on-demand:2011"), "{text}");
}

#[test]
fn a_number_within_the_name_is_the_templates() {
    let mut presentation = presentation();
    let rendition = &mut presentation.renditions[0];
    rendition.layout = Layout::Dash;
    rendition.modifier = "_$Number$_v".to_owned();
    assert_eq!(rendition.segment_name("video", 7), "_7_v.mp4");
    let text = manifest(&presentation);
    assert!(
        text.contains("media=\"video_$Number$_v.mp4\" initialization=\"video__vinit.mp4\""),
        "{text}"
    );
}

use super::*;
use crate::manifest::tests::presentation;

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
fn names_are_escaped() {
    let mut presentation = presentation();
    presentation.base = "a&b é$c".to_owned();
    let text = manifest(&presentation);
    assert!(
        text.contains("media=\"a&amp;b%20%C3%A9$$c_720p_$Number%09d$.cmfv\""),
        "{text}"
    );
}

//! What each built-in profile makes of thirty typical sources.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::fmt::Write;

use common::job::Plan;
use common::ladder::{Range, Reason, Step};
use common::media::Media;
use common::profile::{BUILT_IN, Profile, VideoCodec};
use common::video::RenditionKind;
use test_support::sources::sources;

fn rung(step: &Step) -> String {
    let codec = match step.codec {
        VideoCodec::H264 => "",
        VideoCodec::Hevc => " HEVC",
        VideoCodec::Av1 => " AV1",
    };
    let rate = step.frame_rate.map_or(String::new(), |rate| {
        format!(" @{}/{}", rate.numerator, rate.denominator)
    });
    let range = match step.range {
        Range::Standard => "",
        Range::High => " HDR",
        Range::Mapped => " mapped",
    };
    let reason = match step.reason {
        Reason::Rung => "",
        Reason::Source => " (its own size)",
        Reason::Profile => " (the profile's largest)",
        Reason::Codec => " (the codec's largest)",
    };
    let (size, bitrate) = (step.size, step.max_bitrate / 1000);
    format!(
        "{}x{}{codec}{rate}{range} {bitrate}k{reason}",
        size.width, size.height
    )
}

fn made(profile: &Profile, media: &Media) -> Vec<String> {
    let plan = match Plan::new(profile, media) {
        Ok(plan) => plan,
        Err(failure) => return vec![failure.code],
    };
    let heard = plan.making().renditions.into_iter();
    let heard = heard.filter(|made| made.kind == RenditionKind::Audio);
    let heard = heard.map(|made| {
        let bitrate = made.max_bitrate.unwrap() / 1000;
        format!(
            "{} ({}) {}ch {bitrate}k",
            made.name,
            made.label.unwrap(),
            made.channels.unwrap()
        )
    });
    plan.ladder().iter().map(rung).chain(heard).collect()
}

#[test]
fn thirty_sources_with_each_profile() {
    let mut text = String::new();
    let sources = sources();
    assert_eq!(sources.len(), 30);
    for (name, media) in &sources {
        writeln!(text, "{name}").unwrap();
        for profile in BUILT_IN {
            let made = made(&Profile::built_in(profile).unwrap(), media);
            writeln!(text, "  {profile:<9} {}", made.join("\n            ")).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

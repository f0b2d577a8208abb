use aws_sdk_mediaconvert::types::JobSettings;
use proptest::prelude::*;

use super::class::Kind;
use super::peers::peers;
use super::{Prices, amount, classes, estimate};
use crate::captions::Track;
use crate::clip::Clip;
use crate::job::{Plan, Recipe, Watermark};
use crate::media::{Audio, Captions, FrameRate, Media, Video};
use crate::profile::{BUILT_IN, Corner, Profile, WatermarkPolicy};
use crate::rotation::Rotation;
use crate::source::Source;

pub(super) fn media(width: u32, height: u32, duration_ms: u64) -> Media {
    Media {
        duration_ms: Some(duration_ms),
        video: Some(Video {
            width,
            height,
            pixel_aspect: None,
            rotation: Rotation::None,
            frame_rate: Some(FrameRate {
                numerator: 30,
                denominator: 1,
            }),
            interlaced: false,
            hdr: false,
        }),
        audio: vec![Audio {
            track: 1,
            channels: 2,
            language: None,
        }],
        captions: Captions::None,
    }
}

fn source() -> Source {
    Source {
        bucket: "b".into(),
        key: "a.mp4".into(),
        version_id: None,
        etag: "e".into(),
        size_bytes: 1,
        sequencer: None,
        attempt: 0,
    }
}

pub(super) fn settings(
    profile: &Profile,
    media: &Media,
) -> aws_sdk_mediaconvert::types::JobSettings {
    let plan = Plan::new(profile, media).unwrap();
    Recipe::Plan(Box::new(plan))
        .order(&source(), "s3://c/v/r/video")
        .settings
}

pub(super) fn prices() -> Prices {
    Prices::built_in("us-east-1").unwrap()
}

#[test]
fn ten_minutes_of_full_hd_cost_what_a_person_works_out() {
    let media = media(1920, 1080, 600_000);
    let cost = estimate(&prices(), &settings(&Profile::standard(), &media), &media);
    let amounts: Vec<_> = cost
        .outputs
        .iter()
        .map(|output| (output.name.as_str(), output.rate, output.amount.unwrap()))
        .collect();
    assert_eq!(
        amounts,
        [
            ("1080p", 15_000, 150_000),
            ("720p", 15_000, 150_000),
            ("480p", 7_500, 75_000),
            ("360p", 7_500, 75_000),
            ("audio", 5_000, 50_000),
            ("poster", 7_500, 1_275),
            ("thumb", 7_500, 75_000),
        ]
    );
    assert_eq!(cost.estimated, Some(576_275));
}

#[test]
fn a_watermark_leaves_the_basic_tier_alone() {
    let media = media(1920, 1080, 60_000);
    let policy = WatermarkPolicy {
        image: "watermarks/a.png".into(),
        corner: Corner::TopLeft,
        width_percent: 10,
        opacity: 50,
    };
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40";
    let watermark = Watermark::new(policy, "config", head);
    assert!(watermark.is_some());
    let plan = Plan::new(&Profile::standard(), &media).unwrap();
    let job = Recipe::Plan(Box::new(plan.with_watermark(watermark)));
    let job = job.order(&source(), "s3://c/v/r/video").settings;
    assert!(
        classes(&job, &media)
            .iter()
            .all(|class| !class.is_professional())
    );
    let cost = |settings| estimate(&prices(), settings, &media).estimated;
    assert_eq!(cost(&job), cost(&settings(&Profile::standard(), &media)));
}

#[test]
fn captions_are_free_and_not_listed() {
    let media = media(1280, 720, 60_000);
    let plan = Plan::new(&Profile::standard(), &media).unwrap();
    let plan = plan.with_captions(vec![Track::ancillary(Some("eng"))]);
    let job = Recipe::Plan(Box::new(plan))
        .order(&source(), "s3://c/v/r/video")
        .settings;
    let outputs = classes(&job, &media);
    assert!(outputs.iter().any(|class| class.kind == Kind::Captions));
    let without = settings(&Profile::standard(), &media);
    assert_eq!(
        estimate(&prices(), &job, &media),
        estimate(&prices(), &without, &media)
    );
}

#[test]
fn a_clip_costs_what_its_length_does() {
    let (whole, short) = (media(1920, 1080, 600_000), media(1920, 1080, 60_000));
    let clip = Clip {
        from_ms: 500_000,
        to_ms: Some(560_000),
    };
    let plan = Plan::of_clip(&Profile::standard(), &whole, clip).unwrap();
    let clipped = Recipe::Plan(Box::new(plan))
        .order(&source(), "s3://c/v/r/video")
        .settings;
    let cost =
        |settings: JobSettings, media: &Media| estimate(&prices(), &settings, media).estimated;
    let expected = cost(settings(&Profile::standard(), &short), &short);
    assert_eq!(cost(clipped, &whole.clipped(clip)), expected);
}

#[test]
fn a_download_costs_as_much_as_the_rendition_that_it_is_of() {
    let media = media(1920, 1080, 600_000);
    let of = |download| {
        let profile = Profile {
            download,
            ..Profile::standard()
        };
        estimate(&prices(), &settings(&profile, &media), &media)
    };
    let (without, with) = (of(false), of(true));
    let download = with.outputs.iter().find(|output| output.name == "download");
    assert_eq!(download.unwrap().amount, Some(150_000));
    assert_eq!(
        with.estimated.unwrap() - without.estimated.unwrap(),
        150_000
    );
}

#[test]
fn less_than_ten_seconds_are_ten_and_the_rest_counts_in_hundredths_of_a_minute() {
    assert_eq!(amount(6_000, 1), 1_020);
    assert_eq!(amount(6_000, 10_000), 1_020);
    assert_eq!(amount(6_000, 60_000), 6_000);
    assert_eq!(amount(6_000, 60_001), 6_060);
    assert_eq!(amount(6_000, 0), 0, "captions have no length");
}

#[test]
fn a_job_of_unknown_length_has_rates_alone() {
    let media = Media {
        duration_ms: None,
        ..media(1280, 720, 1)
    };
    let cost = estimate(&prices(), &settings(&Profile::standard(), &media), &media);
    assert_eq!(cost.estimated, None);
    assert!(cost.outputs.iter().all(|output| output.rate > 0));
}

#[test]
fn the_lengths_of_the_outputs_settle_the_cost() {
    let media = media(640, 360, 60_000);
    let cost = estimate(&prices(), &settings(&Profile::standard(), &media), &media);
    let settled = cost
        .clone()
        .settled(|name| (name == "audio").then_some(30_000));
    assert_eq!(settled.actual, cost.estimated.map(|sum| sum - 2_500));
    assert_eq!(cost.settled(|_| None).actual, None);
}

/// Profiles that promise the basic tier.
const BASIC: [&str; 3] = ["standard", "small", "audio"];

#[test]
fn a_profile_of_the_basic_tier_leaves_it_for_nothing_but_the_source() {
    for name in BASIC {
        let profile = Profile::built_in(name).unwrap();
        for (width, height) in [(7680, 4320), (1920, 1080), (1080, 1920), (320, 240)] {
            let mut media = media(width, height, 60_000);
            for class in classes(&settings(&profile, &media), &media) {
                assert_eq!(
                    class.professional,
                    Vec::<&str>::new(),
                    "{name}: {}",
                    class.name
                );
            }
            let video = media.video.as_mut().unwrap();
            video.interlaced = true;
            video.hdr = true;
            let flagged = classes(&settings(&profile, &media), &media);
            let reasons = flagged.first().map(|class| class.professional.clone());
            let expected = ["a deinterlacer", "colour correction"];
            assert!(
                name == "audio" || reasons == Some(expected.to_vec()),
                "{name}: {reasons:?}"
            );
        }
    }
}

#[test]
fn dearer_settings_are_flagged() {
    let media = media(3840, 2160, 60_000);
    let reasons = |profile| {
        let settings = settings(&Profile::built_in(profile).unwrap(), &media);
        classes(&settings, &media)[0].professional.clone()
    };
    assert_eq!(reasons("efficient"), ["its codec"]);
    assert_eq!(reasons("archive"), ["several passes"]);
}

#[test]
fn a_region_that_is_not_in_the_table_has_prices_all_the_same() {
    let media = media(640, 360, 60_000);
    let settings = settings(&Profile::standard(), &media);
    let of = |region| {
        let prices = Prices::built_in(region).unwrap();
        estimate(&prices, &settings, &media).estimated.unwrap()
    };
    assert_eq!(of("eu-central-1"), of("us-east-1"));
    assert!(of("ap-northeast-2") > of("us-east-1"));
}

#[test]
fn ours_costs_less_than_the_jobs_of_others_for_a_small_source() {
    let media = media(854, 480, 600_000);
    let ours = estimate(&prices(), &settings(&Profile::standard(), &media), &media);
    for peer in peers().unwrap() {
        let theirs = estimate(&prices(), &peer.settings(480), &media);
        assert!(ours.estimated < theirs.estimated, "{}", peer.name);
    }
}

proptest! {
    #[test]
    fn a_longer_source_never_costs_less(ms in 1..36_000_000_u64, more in 0..600_000_u64, profile in proptest::sample::select(BUILT_IN)) {
        let profile = Profile::built_in(profile).unwrap();
        let of = |ms| {
            let media = media(1920, 1080, ms);
            // Stills are fewer a minute in longer sources; the rest is the same job.
            estimate(&prices(), &settings(&profile, &media), &media).estimated.unwrap()
        };
        prop_assert!(of(ms) <= of(ms + more));
    }
}

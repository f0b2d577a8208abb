use serde_json::{Value, json};

use super::*;

fn planned(codec: Codec, settings: Value) -> PlannedVideo {
    let geometry = Geometry {
        place: None,
        width: 1280,
        height: 720,
        content: (1280, 720),
        pixel: Ratio::ONE,
    };
    let settings: EncoderSettings = serde_json::from_value(settings).unwrap();
    PlannedVideo::new(codec, &settings, geometry, Ratio::new(25, 1).unwrap(), 50)
}

fn arguments(codec: Codec, settings: Value, forced: Option<f64>) -> String {
    planned(codec, settings).encoder(forced).join(" ")
}

#[test]
fn each_codec_has_its_encoder() {
    let qvbr = || json!({"rateControlMode": "QVBR", "maxBitrate": 3_000_000, "qvbrSettings": {"qvbrQualityLevel": 7}});
    let vbr = || json!({"rateControlMode": "VBR", "bitrate": 2_000_000});
    let lines = [
        arguments(Codec::H264, qvbr(), None),
        arguments(Codec::H265, qvbr(), None),
        arguments(Codec::H265, vbr(), Some(5.0)),
        arguments(
            Codec::H265,
            json!({
                "rateControlMode": "CBR", "bitrate": 2_000_000, "codecProfile": "MAIN10_HIGH",
                "codecLevel": "LEVEL_4_1", "writeMp4PackagingType": "HVC1", "slices": 2,
                "numberBFramesBetweenReferenceFrames": 2, "numberReferenceFrames": 3
            }),
            None,
        ),
        arguments(Codec::Av1, json!({"maxBitrate": 3_000_000}), None),
        arguments(Codec::Vp9, vbr(), None),
        arguments(Codec::Vp8, vbr(), Some(5.0)),
        arguments(
            Codec::Prores,
            json!({"codecProfile": "APPLE_PRORES_422_HQ"}),
            None,
        ),
        arguments(Codec::Gif, json!({}), None),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_profile_of_ten_bits_gets_ten_bits() {
    let filters = |codec, settings| planned(codec, settings).last_filters("x");
    let ten = "format=yuv420p10le";
    assert_eq!(
        filters(Codec::H264, json!({"codecProfile": "HIGH_10BIT"})),
        ten
    );
    assert_eq!(
        filters(Codec::H265, json!({"codecProfile": "MAIN10_MAIN"})),
        ten
    );
    assert_eq!(filters(Codec::Av1, json!({"bitDepth": "BIT_10"})), ten);
    assert_eq!(filters(Codec::H265, json!({})), "format=yuv420p");
}

#[test]
fn av1_gets_gops_that_divide_the_segments() {
    let settings = || json!({"maxBitrate": 3_000_000});
    assert!(arguments(Codec::Av1, settings(), Some(5.0)).contains("-g 25 "));
    assert!(arguments(Codec::Av1, settings(), Some(6.0)).contains("-g 50 "));
}

#[test]
fn the_brightness_of_hdr10_is_passed_on() {
    let hdr10 = Hdr10 {
        mastering: Some([
            13_250, 34_500, 7500, 3000, 34_000, 16_000, 15_635, 16_450, 10_000_000, 1,
        ]),
        content_light: Some((1000, 400)),
    };
    let with = |codec, range| {
        let video = planned(
            codec,
            json!({"codecProfile": "MAIN10_MAIN", "maxBitrate": 1, "rateControlMode": "QVBR"}),
        );
        video
            .with_brightness(range, Some(hdr10.clone()))
            .encoder(None)
            .join(" ")
    };
    insta::assert_snapshot!(
        [
            with(Codec::H265, Range::Pq),
            with(Codec::Av1, Range::Pq),
            with(Codec::H265, Range::Hlg)
        ]
        .join("\n")
    );
}

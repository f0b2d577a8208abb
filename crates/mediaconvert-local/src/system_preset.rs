//! Presets of the service itself, whose names begin with `System-`. AWS does not publish what is in
//! them, but their names say what matters: container, codecs, size, frame rate and bit rate.

use serde_json::{Map, Value, json};

use crate::ratio::Ratio;

/// What a name says.
#[derive(Debug, Default)]
struct Told {
    container: Option<&'static str>,
    /// For DASH, MP4 means its segments.
    dash: bool,
    video: Option<(&'static str, &'static str)>,
    audio: Option<(&'static str, &'static str)>,
    /// Width and height of the picture as a whole.
    aspect: Option<(u32, u32)>,
    /// Pixels.
    width: Option<u32>,
    /// Pixels.
    height: Option<u32>,
    rate: Option<Ratio>,
    /// Bits per second.
    bitrate: Option<u64>,
    quality: Option<u32>,
}

/// The settings of the preset of that name, such as
/// `System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps`; `None` when it says too little.
pub fn settings(name: &str) -> Option<Value> {
    let told = read(name.strip_prefix("System-")?);
    let mut settings = Map::new();
    // The oldest ones name none: they are for HLS, with sound.
    let container = match told.container.unwrap_or("M3U8") {
        "MP4" if told.dash => "MPD",
        other => other,
    };
    settings.insert(
        "containerSettings".to_owned(),
        json!({"container": container}),
    );
    if let Some((codec, member)) = told.video {
        settings.insert("videoDescription".to_owned(), picture(&told, codec, member));
    }
    let with_picture = told.video.is_some() && told.container.is_none();
    let audio = told
        .audio
        .or(with_picture.then_some(("AAC", "aacSettings")));
    if let Some((codec, member)) = audio {
        let settings_of = sound(&told, codec);
        let description = json!({"codecSettings": {"codec": codec, member: settings_of}});
        settings.insert("audioDescriptions".to_owned(), json!([description]));
    }
    (settings.len() > 1).then_some(Value::Object(settings))
}

fn picture(told: &Told, codec: &str, member: &str) -> Value {
    let mut encoder = Map::new();
    let mut set = |name: &str, value: Value| encoder.insert(name.to_owned(), value);
    if let Some(rate) = told.rate {
        set("framerateControl", json!("SPECIFIED"));
        set("framerateNumerator", json!(rate.numerator()));
        set("framerateDenominator", json!(rate.denominator()));
        // Three seconds, as public templates that were made of these presets have it.
        set("gopSize", json!((rate.value() * 3.0).round()));
    }
    match (told.quality, codec) {
        (Some(quality), "H_264" | "H_265") => {
            set("rateControlMode", json!("QVBR"));
            set("qvbrSettings", json!({"qvbrQualityLevel": quality}));
            set("maxBitrate", json!(told.bitrate));
        }
        (None, "H_264" | "H_265") => {
            set("rateControlMode", json!("CBR"));
            set("bitrate", json!(told.bitrate));
        }
        _ => {
            set("rateControlMode", json!("VBR"));
            set("bitrate", json!(told.bitrate));
        }
    }
    let width = told.width.or_else(|| {
        let (across, down) = told.aspect?;
        told.height?
            .checked_mul(across)
            .map(|width| width / down / 2 * 2)
    });
    json!({
        "width": width, "height": told.height, "codecSettings": {"codec": codec, member: encoder},
    })
}

fn sound(told: &Told, codec: &str) -> Value {
    let own = told.bitrate.filter(|_| told.video.is_none());
    match codec {
        "AAC" => json!({
            "bitrate": own.unwrap_or(if told.container == Some("MP4") && !told.dash { 160_000 } else { 96_000 }),
            "codingMode": "CODING_MODE_2_0", "sampleRate": 48_000,
        }),
        "VORBIS" => json!({"channels": 2}),
        "OPUS" => json!({"bitrate": own, "channels": 2}),
        _ => json!({"bitrate": own}),
    }
}

fn read(name: &str) -> Told {
    let mut told = Told::default();
    let mut before = "";
    for word in name.split('_') {
        match word {
            "Dash" => told.dash = true,
            "Mp4" => told.container = Some("MP4"),
            "Ts" => told.container = Some("M3U8"),
            "Cmfc" => told.container = Some("CMFC"),
            "Mov" => told.container = Some("MOV"),
            "Webm" => told.container = Some("WEBM"),
            "Mxf" => told.container = Some("MXF"),
            "Ismv" => told.container = Some("ISMV"),
            "Avc" => told.video = Some(("H_264", "h264Settings")),
            "Hevc" => told.video = Some(("H_265", "h265Settings")),
            "Vp8" => told.video = Some(("VP8", "vp8Settings")),
            "Vp9" => told.video = Some(("VP9", "vp9Settings")),
            "Mpeg2" | "Xdcam" => told.video = Some(("MPEG2", "mpeg2Settings")),
            "Prores" => told.video = Some(("PRORES", "proresSettings")),
            "Aac" => told.audio = Some(("AAC", "aacSettings")),
            "Ac3" => told.audio = Some(("AC3", "ac3Settings")),
            "Eac3" => told.audio = Some(("EAC3", "eac3Settings")),
            "Opus" => told.audio = Some(("OPUS", "opusSettings")),
            "Vorbis" => told.audio = Some(("VORBIS", "vorbisSettings")),
            "Pcm" => told.audio = Some(("WAV", "wavSettings")),
            word => told.measure(word, before),
        }
        before = word;
    }
    told
}

impl Told {
    /// A size, a rate, or a word that tells nothing.
    fn measure(&mut self, word: &str, before: &str) {
        let pair = |text: &str| {
            let (a, b) = text.split_once('x')?;
            Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?))
        };
        let bits = |text: &str, unit: f64| {
            let number: f64 = text.parse().ok()?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturating is right for what no name says"
            )]
            let bits = (number * unit).round() as u64;
            Some(bits)
        };
        if let Some(size) = pair(word) {
            self.aspect = Some(size).filter(|(_, down)| *down > 0);
        } else if let Some(size) = word.strip_suffix('p').and_then(pair) {
            (self.width, self.height) = (Some(size.0), Some(size.1));
        } else if let Some(height) = word.strip_suffix('p').and_then(|text| text.parse().ok()) {
            self.height = Some(height);
        } else if let Some(text) = word.strip_suffix("Hz") {
            self.rate = text.parse().ok().and_then(|rate| Ratio::new(rate, 1));
        } else if word.ends_with("fps") {
            self.rate = match (before, word) {
                ("29", "97fps") => Ratio::new(30_000, 1001),
                ("23", _) => Ratio::new(24_000, 1001),
                _ => None,
            };
        } else if let Some(text) = word.strip_suffix("Mbps") {
            self.bitrate = bits(text, 1e6);
        } else if let Some(text) = word
            .strip_suffix("Kbps")
            .or_else(|| word.strip_suffix("kbps"))
        {
            self.bitrate = bits(text, 1e3);
        } else if let Some(text) = word.strip_prefix("Vq") {
            self.quality = text.parse().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_container_codecs_size_and_rates() {
        insta::assert_json_snapshot!(settings(
            "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps"
        ));
    }

    #[test]
    fn names_of_other_kinds_are_read() {
        let of = |name: &str| settings(name).unwrap();
        let file = of("System-Generic_Hd_Mp4_Avc_Aac_16x9_Sdr_1280x720p_30Hz_5Mbps_Qvbr_Vq9");
        let encoder = &file["videoDescription"]["codecSettings"]["h264Settings"];
        assert_eq!(file["containerSettings"]["container"], "MP4");
        assert_eq!(encoder["qvbrSettings"]["qvbrQualityLevel"], 9);
        assert_eq!(encoder["maxBitrate"], 5_000_000);
        let sound = of("System-Ott_Dash_Mp4_Aac_He_96Kbps");
        assert_eq!(sound["containerSettings"]["container"], "MPD");
        assert!(sound["videoDescription"].is_null());
        let aac = &sound["audioDescriptions"][0]["codecSettings"]["aacSettings"];
        assert_eq!(aac["bitrate"], 96_000);
        let old = of("System-Avc_16x9_720p_29_97fps_3500kbps");
        assert_eq!(old["videoDescription"]["width"], 1280);
        let encoder = &old["videoDescription"]["codecSettings"]["h264Settings"];
        assert_eq!(
            (&encoder["framerateNumerator"], &encoder["gopSize"]),
            (&json!(30_000), &json!(90.0))
        );
        assert!(old["audioDescriptions"].is_array());
    }

    #[test]
    fn a_name_that_says_too_little_is_unknown() {
        for name in ["System-Best", "Ott_Hls_Ts_Avc_Aac", "System-"] {
            assert_eq!(settings(name), None, "{name}");
        }
    }
}

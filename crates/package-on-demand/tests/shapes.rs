//! Shapes of MP4 and `QuickTime` files that people upload, made by ffmpeg or by changing bytes of what it made. Each is packaged, and
//! what comes out is compared with the source, packet by packet: bytes, times, key frames. It is a copy, so they are equal.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use package_on_demand::{ORIGIN_SECONDS, Package, Refusal};
use support::{all_resources, numbers, plan};
use tempfile::TempDir;

/// Fourteen seconds with a key frame a second: three segments.
const PICTURE: &str = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=14";
const SOUND: &str = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=14";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25";
const REORDERED: &str = "-c:v libx264 -preset medium -pix_fmt yuv420p -g 25 -bf 3 -x264-params b-pyramid=normal:b-adapt=0";
const AAC: &str = "-c:a aac -b:a 64k -ac 2";

struct Lab {
    folder: TempDir,
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output
        .unwrap_or_else(|error| panic!("{program} is needed, `make ffmpeg` installs it: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

impl Lab {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a file; words are split at blanks.
    fn make(&self, name: &str, words: &str) -> Vec<u8> {
        let path = self.path(name);
        let mut arguments = vec!["-v", "error", "-nostdin", "-y"];
        arguments.extend(words.split_whitespace());
        arguments.push(path.to_str().unwrap());
        let folder = self.folder.path().to_str().unwrap();
        let arguments: Vec<_> = arguments
            .iter()
            .map(|word| word.replace("{}", folder))
            .collect();
        run(
            "ffmpeg",
            &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        std::fs::read(path).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Packet {
    /// In units of the stream's time scale; those of a packaged track count from zero as well.
    time: i64,
    is_key: bool,
    bytes: usize,
    hash: String,
    /// Presented, by the edit list.
    is_presented: bool,
}

#[derive(Debug)]
struct Stream {
    timescale: i64,
    packets: Vec<Packet>,
}

/// The packets of a stream, in the order of decoding.
fn probe(file: &Path, stream: &str) -> Stream {
    let file = file.to_str().unwrap();
    let select = ["-v", "error", "-select_streams", stream];
    let scale = run(
        "ffprobe",
        &[
            &select[..],
            &["-show_entries", "stream=time_base", "-of", "csv=p=0", file],
        ]
        .concat(),
    );
    let timescale = scale
        .trim()
        .trim_end_matches(',')
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let entries = "packet=pts,size,flags,data_hash";
    let text = run(
        "ffprobe",
        &[
            &select[..],
            &[
                "-show_data_hash",
                "CRC32",
                "-show_entries",
                entries,
                "-show_packets",
                "-of",
                "compact=p=0",
                file,
            ],
        ]
        .concat(),
    );
    let field = |line: &str, name: &str| {
        let found = line
            .split('|')
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
        found
            .unwrap_or_else(|| panic!("{name} in {line}"))
            .to_owned()
    };
    // The checksum is on a line of its own where the packet has side data.
    let text = text.replace("\n|", "|");
    let packets = text
        .lines()
        .filter(|line| line.contains("pts="))
        .map(|line| Packet {
            time: field(line, "pts").parse().unwrap(),
            bytes: field(line, "size").parse().unwrap(),
            hash: field(line, "data_hash"),
            is_key: field(line, "flags").contains('K'),
            is_presented: !field(line, "flags").contains('D'),
        });
    Stream {
        timescale,
        packets: packets.collect(),
    }
}

/// Checksums of all decoded pictures.
fn pictures(file: &Path) -> Vec<String> {
    let file = file.to_str().unwrap();
    let text = run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-nostdin",
            "-i",
            file,
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ],
    );
    let frames = text.lines().filter(|line| !line.starts_with('#'));
    frames
        .map(|line| line.rsplit(',').next().unwrap().trim().to_owned())
        .collect()
}

/// A packaged source.
struct Packaged {
    lab: Lab,
    source: PathBuf,
    package: Package,
    multivariant: String,
    playlists: Vec<String>,
}

impl Packaged {
    fn new(lab: Lab, file: &[u8]) -> Self {
        let source = lab.write("source.bin", file);
        let (package, _) = plan(file).unwrap();
        let resources = all_resources(file, &package.index);
        for (name, bytes) in &resources {
            lab.write(name, bytes);
        }
        let text = |name: &str| String::from_utf8(resources.get(name)?.clone()).ok();
        let playlists: Vec<_> = (0..)
            .map_while(|number| text(&format!("{number}.m3u8")))
            .collect();
        Self {
            multivariant: text("instant.m3u8").unwrap(),
            lab,
            source,
            package,
            playlists,
        }
    }

    /// The packets of a rendition: its init segment and media segments, one after the other. Times count from the start.
    fn rendition(&self, number: usize) -> Stream {
        let mut file = std::fs::read(self.lab.path(&format!("{number}-init0.mp4"))).unwrap();
        for line in self.playlists[number]
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            file.extend(std::fs::read(self.lab.path(line)).unwrap());
        }
        let mut stream = probe(&self.lab.write("rendition.mp4", &file), "0");
        for packet in &mut stream.packets {
            packet.time -= stream.timescale * ORIGIN_SECONDS.cast_signed();
        }
        stream
    }

    fn check_picture(&self) {
        let (source, packaged) = (probe(&self.source, "v:0"), self.rendition(0));
        assert_eq!(source.timescale, packaged.timescale);
        assert_same(&presented(source.packets), &packaged.packets);
        let (source, packaged) = (
            pictures(&self.source),
            pictures(&self.lab.path("instant.m3u8")),
        );
        assert!(!source.is_empty());
        assert_same(&source, &packaged);
    }

    /// Compares a sound track of the source with a rendition. Silence may come before and after it, a whole number of frames.
    fn check_sound(&self, track: usize, rendition: usize) {
        let (source, packaged) = (
            probe(&self.source, &format!("a:{track}")),
            self.rendition(rendition),
        );
        assert_eq!(source.timescale, packaged.timescale);
        let source = presented(source.packets);
        let find = |packet: &Packet| packaged.packets.iter().position(|other| other == packet);
        // What is missing at the front primed the decoder, or came before the picture.
        let skipped = source
            .iter()
            .position(|packet| find(packet).is_some())
            .unwrap();
        let start = packaged.packets[0].time.max(0);
        assert!(skipped <= 1 || source[..skipped].iter().all(|packet| packet.time < start));
        let source = &source[skipped..];
        let before = find(&source[0]).unwrap();
        let (silence_before, rest) = packaged.packets.split_at(before);
        let (sound, silence_after) = rest.split_at(source.len());
        assert_same(source, sound);
        for packet in silence_before.iter().chain(silence_after) {
            assert!(packet.bytes <= 32, "silence has few bytes: {packet:?}");
        }
        let playlist = self.lab.path(&format!("{rendition}.m3u8"));
        run(
            "ffmpeg",
            &[
                "-v",
                "error",
                "-xerror",
                "-nostdin",
                "-i",
                playlist.to_str().unwrap(),
                "-f",
                "null",
                "-",
            ],
        );
    }

    /// When a rendition starts and ends, in seconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds to compare within milliseconds"
    )]
    fn bounds(&self, rendition: usize, last_duration: i64) -> (f64, f64) {
        let stream = self.rendition(rendition);
        let seconds = |time: i64| time as f64 / stream.timescale as f64;
        let times = || stream.packets.iter().map(|packet| packet.time);
        (
            seconds(times().min().unwrap()),
            seconds(times().max().unwrap() + last_duration),
        )
    }

    /// The durations of a playlist, in seconds.
    fn durations(&self, rendition: usize) -> Vec<f64> {
        let lines = self.playlists[rendition].lines();
        lines
            .filter_map(|line| {
                line.strip_prefix("#EXTINF:")?
                    .strip_suffix(',')?
                    .parse()
                    .ok()
            })
            .collect()
    }
}

fn presented(packets: Vec<Packet>) -> Vec<Packet> {
    packets
        .into_iter()
        .filter(|packet| packet.is_presented)
        .collect()
}

fn assert_same<T: PartialEq + std::fmt::Debug>(source: &[T], packaged: &[T]) {
    let different = source
        .iter()
        .zip(packaged)
        .position(|(source, packaged)| source != packaged);
    if let Some(index) = different {
        panic!(
            "number {index} is {:?} in the source, {:?} packaged",
            source[index], packaged[index]
        );
    }
    assert_eq!(source.len(), packaged.len(), "as many as in the source");
}

fn assert_near(a: f64, b: f64) {
    assert!(
        (a - b).abs() < 0.02,
        "{a} and {b} are apart by more than 20 ms"
    );
}

/// Packages a file that ffmpeg makes from these words, and compares picture and sound.
fn check(name: &str, words: &str) -> Packaged {
    let lab = Lab::new();
    let file = lab.make(name, words);
    check_bytes(lab, &file)
}

fn check_bytes(lab: Lab, file: &[u8]) -> Packaged {
    let packaged = Packaged::new(lab, file);
    packaged.check_picture();
    packaged.check_sound(0, 1);
    packaged
}

fn refusal(name: &str, words: &str) -> Refusal {
    let lab = Lab::new();
    plan(&lab.make(name, words)).map(drop).unwrap_err()
}

// --- Where the header lies ---------------------------------------------------------------------------------------------------

#[test]
fn header_behind_the_media() {
    let packaged = check("a.mp4", &format!("{PICTURE} {SOUND} {H264} {AAC}"));
    assert_eq!(packaged.durations(0), [6.0, 6.0, 2.0]);
    let sound: f64 = packaged.durations(1).iter().sum();
    assert_near(sound, 14.0);
}

#[test]
fn header_before_the_media() {
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {H264} {AAC} -movflags +faststart"),
    );
}

#[test]
fn fragments() {
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {H264} {AAC} -movflags frag_keyframe+empty_moov"),
    );
}

#[test]
fn fragments_with_a_segment_index() {
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {REORDERED} {AAC} -movflags dash+global_sidx+delay_moov"),
    );
}

#[test]
fn fragments_of_one_sample_each() {
    let lab = Lab::new();
    let flags = "-movflags frag_every_frame+default_base_moof+empty_moov";
    let file = lab.make("a.mp4", &format!("{PICTURE} {REORDERED} {flags}"));
    Packaged::new(lab, &file).check_picture();
}

#[test]
fn fragments_that_end_in_the_middle_play_up_to_there() {
    let lab = Lab::new();
    let mut file = lab.make(
        "a.mp4",
        &format!("{PICTURE} {H264} -movflags frag_keyframe+empty_moov"),
    );
    file.truncate(file.len() * 2 / 3);
    let packaged = Packaged::new(lab, &file);
    let (source, cut) = (
        probe(&packaged.source, "v:0").packets,
        packaged.rendition(0).packets,
    );
    assert!(cut.len() >= 150, "{}", cut.len());
    assert_same(&source[..cut.len()], &cut);
}

#[test]
fn a_header_that_names_missing_bytes_is_refused() {
    let lab = Lab::new();
    let mut file = lab.make("a.mp4", &format!("{PICTURE} {H264} -movflags +faststart"));
    file.truncate(file.len() / 2);
    assert_eq!(plan(&file).map(drop).unwrap_err(), Refusal::CutOff);
}

// --- Times -------------------------------------------------------------------------------------------------------------------

#[test]
fn reordered_pictures_in_a_pyramid() {
    check("a.mp4", &format!("{PICTURE} {SOUND} {REORDERED} {AAC}"));
}

#[test]
fn reordered_pictures_without_an_edit_list() {
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {REORDERED} {AAC} -use_editlist 0"),
    );
}

#[test]
fn negative_composition_offsets() {
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {REORDERED} {AAC} -movflags negative_cts_offsets"),
    );
}

#[test]
fn variable_frame_rate() {
    let select = "-vf select='not(mod(n,3))+gt(n,100)' -fps_mode vfr";
    check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {select} {REORDERED} {AAC}"),
    );
}

#[test]
fn open_groups_of_pictures() {
    let open = "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=24:min-keyint=1:bframes=3:scenecut=0:b-adapt=0";
    let packaged = check("a.mp4", &format!("{PICTURE} {SOUND} {open} {AAC}"));
    assert!(
        !packaged.playlists[0].contains("INDEPENDENT"),
        "pictures of a segment may need the one before"
    );
}

#[test]
fn sound_that_starts_later_follows_silence() {
    let packaged = check(
        "a.mp4",
        &format!("{PICTURE} -itsoffset 1.5 {SOUND} {H264} {AAC} -t 14"),
    );
    let (start, end) = packaged.bounds(1, 1024);
    assert!((0.0..0.022).contains(&start), "{start}");
    assert_near(end, 14.0);
}

#[test]
fn sound_that_ends_earlier_goes_on_as_silence() {
    let short = "-f lavfi -i sine=sample_rate=44100:duration=3";
    let packaged = check("a.mp4", &format!("{PICTURE} {short} {H264} -c:a aac -ac 1"));
    let (_, end) = packaged.bounds(1, 1024);
    assert!(end > 13.97 && end <= 14.0, "{end}");
    assert_eq!(packaged.durations(1).len(), 3);
}

#[test]
fn sound_that_is_longer_goes_on() {
    let short = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=3";
    let packaged = check("a.mp4", &format!("{short} {SOUND} {H264} {AAC}"));
    assert_eq!(packaged.durations(0), [3.0]);
    assert_eq!(packaged.durations(1).len(), 3);
}

#[test]
fn a_picture_that_starts_a_little_later() {
    let packaged = check(
        "a.mp4",
        &format!("{SOUND} -itsoffset 0.12 {PICTURE} -map 1 -map 0 -fps_mode vfr {H264} {AAC}"),
    );
    assert_near(packaged.bounds(0, 0).0, 0.12);
}

#[test]
fn a_picture_that_starts_much_later_is_refused() {
    let words = format!("{SOUND} -itsoffset 2 {PICTURE} -map 1 -map 0 -fps_mode vfr {H264} {AAC}");
    assert_eq!(refusal("a.mp4", &words), Refusal::SoundLeads);
}

#[test]
fn a_cut_at_a_key_frame() {
    let lab = Lab::new();
    lab.make("whole.mp4", &format!("{PICTURE} {SOUND} {REORDERED} {AAC}"));
    let file = lab.make("a.mp4", "-ss 3 -i {}/whole.mp4 -c copy");
    check_bytes(lab, &file);
}

#[test]
fn a_cut_between_key_frames_is_refused() {
    let lab = Lab::new();
    lab.make("whole.mp4", &format!("{PICTURE} {SOUND} {H264} {AAC}"));
    let file = lab.make("a.mp4", "-ss 2.5 -i {}/whole.mp4 -c copy");
    assert_eq!(
        plan(&file).map(drop).unwrap_err(),
        Refusal::EditBetweenKeyFrames
    );
}

// --- Tracks ------------------------------------------------------------------------------------------------------------------

#[test]
fn quicktime_sound() {
    let packaged = check("a.mov", &format!("{PICTURE} {SOUND} {H264} {AAC}"));
    assert!(
        packaged
            .multivariant
            .contains("CODECS=\"avc1.42c00b,mp4a.40.2\""),
        "{}",
        packaged.multivariant
    );
}

#[test]
fn data_tracks_are_ignored() {
    let lab = Lab::new();
    lab.write("chapters.txt", b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=5\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1\nSTART=5\nEND=14\ntitle=Two\n");
    let words = format!(
        "{PICTURE} {SOUND} -i {{}}/chapters.txt {H264} {AAC} -map 0 -map 1 -map_chapters 2 -timecode 01:00:00:00"
    );
    let file = lab.make("a.mov", &words);
    let packaged = check_bytes(lab, &file);
    assert!(packaged.package.left_out.is_empty());
    assert_eq!(packaged.playlists.len(), 2);
}

#[test]
fn several_languages() {
    let second = "-f lavfi -i sine=frequency=880:sample_rate=44100:duration=14";
    let languages = "-metadata:s:a:0 language=ger -metadata:s:a:1 language=eng";
    let packaged = check(
        "a.mp4",
        &format!("{PICTURE} {SOUND} {second} -map 0 -map 1 -map 2 {H264} {AAC} {languages}"),
    );
    packaged.check_sound(1, 2);
    let sounds: Vec<_> = packaged
        .multivariant
        .lines()
        .filter(|line| line.contains("EXT-X-MEDIA:"))
        .collect();
    assert!(
        sounds[0].contains("LANGUAGE=\"de\",DEFAULT=YES"),
        "{sounds:?}"
    );
    assert!(
        sounds[1].contains("LANGUAGE=\"en\",DEFAULT=NO"),
        "{sounds:?}"
    );
}

#[test]
fn surround_sound() {
    let surround = "-f lavfi -i anoisesrc=duration=3:sample_rate=48000 -af pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0";
    let packaged = check("a.mp4", &format!("{PICTURE} {surround} {H264} -c:a aac"));
    assert!(
        packaged.multivariant.contains("CHANNELS=\"6\""),
        "{}",
        packaged.multivariant
    );
}

#[test]
fn a_turned_picture_stays_turned() {
    let lab = Lab::new();
    lab.make("upright.mp4", &format!("{PICTURE} {SOUND} {H264} {AAC}"));
    let turned = "-i {}/upright.mp4 -c copy -metadata:s:v rotate=90";
    let file = lab.make("a.mp4", turned);
    let packaged = check_bytes(lab, &file);
    assert!(
        packaged.multivariant.contains("RESOLUTION=90x160"),
        "{}",
        packaged.multivariant
    );
    let init = packaged.lab.path("0-init0.mp4");
    let rotation = |file: &Path| {
        run(
            "ffprobe",
            &[
                "-v",
                "error",
                "-show_entries",
                "stream_side_data=rotation",
                "-of",
                "csv=p=0",
                file.to_str().unwrap(),
            ],
        )
    };
    assert_eq!(rotation(&init).trim(), "90");
    assert_eq!(rotation(&init).trim(), rotation(&packaged.source).trim());
}

#[test]
fn hevc_of_either_name() {
    let x265 = "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params log-level=none:keyint=25:min-keyint=25";
    for tag in ["hev1", "hvc1"] {
        let packaged = check(
            "a.mp4",
            &format!("{PICTURE} {SOUND} {x265} {AAC} -tag:v {tag}"),
        );
        assert!(
            packaged.multivariant.contains("CODECS=\"hvc1.1.6.L"),
            "{}",
            packaged.multivariant
        );
    }
}

#[test]
fn sound_alone() {
    let lab = Lab::new();
    let file = lab.make("a.m4a", &format!("{SOUND} {AAC}"));
    let packaged = Packaged::new(lab, &file);
    packaged.check_sound(0, 0);
    assert_eq!(packaged.durations(0).len(), 3);
    assert!(
        !packaged.multivariant.contains("RESOLUTION"),
        "{}",
        packaged.multivariant
    );
}

#[test]
fn a_picture_alone() {
    let lab = Lab::new();
    let file = lab.make("a.mp4", &format!("{PICTURE} {H264}"));
    let packaged = Packaged::new(lab, &file);
    packaged.check_picture();
    assert_eq!(packaged.playlists.len(), 1);
}

#[test]
fn a_cover_is_no_film() {
    let lab = Lab::new();
    lab.make("cover.png", "-f lavfi -i color=size=64x64 -frames:v 1");
    let file = lab.make(
        "a.m4a",
        &format!(
            "{SOUND} -i {{}}/cover.png -map 0 -map 1 {AAC} -c:v copy -disposition:v attached_pic"
        ),
    );
    let packaged = Packaged::new(lab, &file);
    packaged.check_sound(0, 0);
    assert_eq!(packaged.playlists.len(), 1);
}

// --- What doesn't play -------------------------------------------------------------------------------------------------------

#[test]
fn what_browsers_do_not_play_is_refused_with_a_reason() {
    let refused = |name: &str, words: &str| refusal(name, words).to_string();
    assert_eq!(
        refused("a.mov", &format!("{PICTURE} {SOUND} {H264} -c:a pcm_s16le")),
        "Browsers don't play the sound as it is (PCM)."
    );
    assert_eq!(
        refused("a.mov", &format!("{PICTURE} -t 0.4 -c:v prores")),
        "Browsers don't play the picture as it is (ProRes)."
    );
    assert_eq!(
        refused(
            "a.mp4",
            &format!("{PICTURE} -t 1 -c:v libx264 -pix_fmt yuv422p")
        ),
        "Browsers don't play the picture as it is (H.264 of profile 122)."
    );
    assert_eq!(
        refused("a.mp4", &format!("{PICTURE} -t 1 -c:v mpeg4")),
        "Browsers don't play the picture as it is (MPEG-4 Visual)."
    );
    assert_eq!(
        refused(
            "a.mp4",
            &format!("{PICTURE} {SOUND} {H264} -c:a libmp3lame")
        ),
        "Browsers don't play the sound as it is (MP3)."
    );
}

#[test]
fn sound_that_does_not_play_is_left_out_beside_sound_that_does() {
    let words = format!("{PICTURE} {SOUND} {H264} -map 0 -map 1 -map 1 -c:a:0 aac -c:a:1 ac3");
    let packaged = check("a.mp4", &words);
    let left_out: Vec<_> = packaged
        .package
        .left_out
        .iter()
        .map(|track| (track.track, track.reason.code()))
        .collect();
    assert_eq!(left_out, [(3, "SOUND_CODEC")]);
}

#[test]
fn encrypted_samples_are_refused() {
    let key = "-encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb -encryption_kid a7e61c373e219033c21091fa607bf3b8";
    assert_eq!(
        refusal("a.mp4", &format!("{PICTURE} {H264} {key}")),
        Refusal::Encrypted
    );
}

#[test]
fn key_frames_that_lie_too_far_apart_are_refused() {
    let long =
        "-f lavfi -i color=size=64x64:rate=5:duration=40 -c:v libx264 -g 1000 -pix_fmt yuv420p";
    assert_eq!(refusal("a.mp4", long), Refusal::KeyFramesApart(30));
}

#[test]
fn a_bit_rate_beyond_what_can_be_answered_is_refused() {
    let noise =
        "-f lavfi -i nullsrc=size=640x360:rate=25:duration=1.5 -vf geq=random(1)*255:128:128";
    let words = format!("{noise} -c:v libx264 -preset ultrafast -qp 1 -pix_fmt yuv420p -g 100");
    assert_eq!(refusal("a.mp4", &words).code(), "SEGMENT_TOO_LARGE");
}

// --- Boxes that ffmpeg doesn't write -----------------------------------------------------------------------------------------

const CONTAINERS: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];

/// What becomes of a box with this kind and body; `None` leaves it as it is.
type Change<'c> = &'c mut dyn FnMut(&[u8; 4], &[u8]) -> Option<Vec<u8>>;

/// Goes through boxes, and lets `change` turn each that holds no others into what it answers.
fn rewrite(bytes: &[u8], change: Change<'_>) -> Vec<u8> {
    let mut rest = bytes;
    let mut out = Vec::new();
    while let Some((size, _)) = rest.split_first_chunk() {
        let (whole, after) = rest.split_at(u32::from_be_bytes(*size) as usize);
        let kind: &[u8; 4] = whole[4..8].try_into().unwrap();
        out.extend(if CONTAINERS.contains(&kind) {
            support::atom(*kind, &[&rewrite(&whole[8..], change)])
        } else {
            change(kind, &whole[8..]).unwrap_or_else(|| whole.to_vec())
        });
        rest = after;
    }
    out
}

fn rows(body: &[u8]) -> Vec<u32> {
    body.as_chunks()
        .0
        .iter()
        .copied()
        .map(u32::from_be_bytes)
        .collect()
}

fn ordinary(lab: &Lab) -> Vec<u8> {
    lab.make(
        "ordinary.mp4",
        &format!("{PICTURE} {SOUND} {REORDERED} {AAC}"),
    )
}

#[test]
fn chunk_offsets_of_64_bits() {
    let lab = Lab::new();
    let file = rewrite(&ordinary(&lab), &mut |kind, body| {
        let wide = |offsets: &[u32]| {
            offsets
                .iter()
                .flat_map(|offset| u64::from(*offset).to_be_bytes())
                .collect::<Vec<_>>()
        };
        (kind == b"stco").then(|| support::atom(*b"co64", &[&body[..8], &wide(&rows(&body[8..]))]))
    });
    check_bytes(lab, &file);
}

#[test]
fn media_in_a_box_of_64_bits() {
    let lab = Lab::new();
    let mut file = ordinary(&lab);
    // ffmpeg leaves eight bytes for it.
    let free = file
        .windows(8)
        .position(|bytes| bytes == b"\0\0\0\x08free")
        .unwrap();
    let len = u64::from(rows(&file[free + 8..free + 12])[0]) + 8;
    file[free..free + 8].copy_from_slice(b"\0\0\0\x01mdat");
    file[free + 8..free + 16].copy_from_slice(&len.to_be_bytes());
    check_bytes(lab, &file);
}

#[test]
fn sample_sizes_of_16_bits() {
    let lab = Lab::new();
    let file = rewrite(&ordinary(&lab), &mut |kind, body| {
        let narrow = |sizes: &[u32]| {
            sizes
                .iter()
                .flat_map(|size| u16::try_from(*size).unwrap().to_be_bytes())
                .collect::<Vec<_>>()
        };
        (kind == b"stsz").then(|| {
            let count = &body[8..12];
            support::atom(
                *b"stz2",
                &[&numbers([0, 16]), count, &narrow(&rows(&body[12..]))],
            )
        })
    });
    check_bytes(lab, &file);
}

#[test]
fn boxes_behind_the_fields_and_padding() {
    let lab = Lab::new();
    let mut file = rewrite(&ordinary(&lab), &mut |kind, body| match kind {
        // Fields that a later version might add, and a list that ends as QuickTime's do.
        b"tkhd" | b"mdhd" | b"stsd" => Some(support::atom(*kind, &[body, &[0; 4]])),
        _ => None,
    });
    file.extend([0; 5]);
    check_bytes(lab, &file);
}

#[test]
fn parameter_sets_in_the_samples_too() {
    let lab = Lab::new();
    let file = rewrite(&ordinary(&lab), &mut |kind, body| {
        let position =
            (kind == b"stsd").then(|| body.windows(4).position(|bytes| bytes == b"avc1"))??;
        let mut body = body.to_vec();
        body[position + 3] = b'3';
        Some(support::atom(*b"stsd", &[&body]))
    });
    let packaged = check_bytes(lab, &file);
    assert!(
        packaged.multivariant.contains("avc3."),
        "{}",
        packaged.multivariant
    );
}

/// Describes the picture twice, the second time from this sample on.
fn described_twice(file: &[u8], offsets: &[u32], second_from: u32) -> Vec<u8> {
    let count = u32::try_from(offsets.len()).unwrap();
    let mut track = 0;
    rewrite(file, &mut |kind, body| {
        track += usize::from(kind == b"tkhd");
        match (track, kind) {
            (1, b"stsd") => {
                let mut second = body[8..].to_vec();
                second[8 + 42] ^= 1; // the compressor's name
                Some(support::atom(
                    *b"stsd",
                    &[&numbers([0, 2]), &body[8..], &second],
                ))
            }
            (1, b"stsc") => Some(support::atom(
                *b"stsc",
                &[&numbers([0, 2, 1, 1, 1, second_from + 1, 1, 2])],
            )),
            (1, b"stco") => Some(support::atom(
                *b"stco",
                &[&numbers([0, count]), &numbers(offsets.iter().copied())],
            )),
            _ => None,
        }
    })
}

#[test]
fn several_sample_descriptions() {
    let lab = Lab::new();
    let file = ordinary(&lab);
    let source = lab.write("plain.mp4", &file);
    let positions = run(
        "ffprobe",
        &[
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            "packet=pos",
            "-of",
            "csv=p=0",
            source.to_str().unwrap(),
        ],
    );
    let offsets: Vec<u32> = positions
        .lines()
        .map(|line| line.trim_matches(',').parse().unwrap())
        .collect();
    let file = described_twice(&file, &offsets, 100);
    let (package, _) = plan(&file).unwrap();
    let resources = all_resources(&file, &package.index);
    for (name, bytes) in &resources {
        lab.write(name, bytes);
    }
    let playlist = String::from_utf8(resources["0.m3u8"].clone()).unwrap();
    assert!(
        playlist.contains(
            "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"0-init1.mp4\"\n#EXTINF:6.000000,\n0-1.m4s"
        ),
        "{playlist}"
    );
    assert!(
        playlist.contains("#EXTINF:4.000000,\n0-0.m4s"),
        "{playlist}"
    );
    let sound = String::from_utf8(resources["1.m3u8"].clone()).unwrap();
    assert!(sound.contains("#EXT-X-DISCONTINUITY\n"), "{sound}");
    assert_ne!(resources["0-init0.mp4"], resources["0-init1.mp4"]);
    assert_same(&pictures(&source), &pictures(&lab.path("instant.m3u8")));
}

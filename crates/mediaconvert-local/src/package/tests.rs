use proptest::prelude::*;

use super::*;
use crate::mp4::{Sample, put_box};

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_box(&mut out, kind, body);
    out
}

/// The header of an H.264 track with this timescale.
fn header(timescale: u32) -> Vec<u8> {
    let mut mdhd = vec![0; 12];
    mdhd.extend(timescale.to_be_bytes());
    mdhd.extend([0; 8]);
    let avcc = boxed(*b"avcC", &[1, 0x4d, 0x40, 0x1f]);
    let entry = boxed(*b"avc1", &[vec![0; 78], avcc].concat());
    let stsd = boxed(*b"stsd", &[vec![0; 8], entry].concat());
    let minf = boxed(*b"minf", &boxed(*b"stbl", &stsd));
    let mdia = boxed(*b"mdia", &[boxed(*b"mdhd", &mdhd), minf].concat());
    boxed(
        *b"moov",
        &boxed(*b"trak", &[boxed(*b"tkhd", &[0; 84]), mdia].concat()),
    )
}

/// A track whose samples all last `duration`, with a key frame every `gop`, in fragments of `chunk`
/// samples; the data of a sample is its number.
fn track(timescale: u32, duration: u32, count: u32, gop: u32, chunk: u32, offset: i32) -> Vec<u8> {
    let mut file = header(timescale);
    let numbers: Vec<u32> = (0..count).collect();
    for (sequence, chunk) in (1u32..).zip(numbers.chunks(usize::try_from(chunk).unwrap())) {
        let fragment = Fragment {
            time: u64::from(chunk[0]) * u64::from(duration),
            samples: chunk
                .iter()
                .map(|n| Sample {
                    duration,
                    size: 4,
                    sync: n % gop == 0,
                    offset,
                })
                .collect(),
            data: chunk.iter().flat_map(|n| n.to_be_bytes()).collect(),
        };
        put_fragment(&mut file, &fragment, sequence, &[]);
    }
    file
}

const CUTS: Cuts = Cuts {
    segment: 6.0,
    fragment: 2.0,
    min_final: 0.0,
    priming: 0,
    offsets: CompositionOffsets::Unsigned,
};

fn cut(file: &[u8], cuts: Cuts) -> (Init, Vec<Segment>) {
    cut_beside(file, cuts, None)
}

/// Beside a picture that ends then.
fn cut_beside(file: &[u8], cuts: Cuts, end: Option<f64>) -> (Init, Vec<Segment>) {
    let (packager, init) = Packager::open(file, cuts).unwrap();
    let mut packager = packager.beside(move || end);
    let mut segments = Vec::new();
    while let Some(segment) = packager.segment().unwrap() {
        segments.push(segment);
    }
    (init, segments)
}

fn durations(segments: &[Segment], timescale: u32) -> Vec<f64> {
    segments
        .iter()
        .map(|segment| seconds(segment.duration, f64::from(timescale)))
        .collect()
}

fn fragments(segment: &Segment) -> Vec<Fragment> {
    let file = [header(1), segment.bytes.clone()].concat();
    let (mut reader, _) = Reader::open(file.as_slice()).unwrap();
    std::iter::from_fn(|| reader.fragment().unwrap()).collect()
}

#[test]
fn pictures_are_cut_at_key_frames() {
    let (init, segments) = cut(&track(90_000, 3600, 330, 50, 50, 0), CUTS);
    assert_eq!(init.codec, "avc1.4d401f");
    assert_eq!(durations(&segments, 90_000), [6.0, 6.0, 1.2]);
    let counts: Vec<usize> = fragments(&segments[0])
        .iter()
        .map(|fragment| fragment.samples.len())
        .collect();
    assert_eq!(counts, [50, 50, 50]);
}

#[test]
fn sound_is_cut_where_the_picture_is_and_does_not_drift() {
    // An hour of AAC in fragments of two seconds and a bit.
    let (_, segments) = cut(&track(48_000, 1024, 168_750, 1, 94, 0), CUTS);
    for (number, segment) in segments.iter().enumerate() {
        let start = seconds(segment.start, 48_000.0);
        let planned = 6.0 * f64::from(u32::try_from(number).unwrap());
        assert!(
            (start - planned).abs() <= 512.5 / 48_000.0,
            "segment {number} starts at {start}"
        );
    }
    assert_eq!(segments.len(), 600);
}

#[test]
fn sound_that_is_a_little_longer_gets_no_segment_of_its_own() {
    let file = track(48_000, 1024, 565, 1, 94, 0);
    assert_eq!(cut(&file, CUTS).1.len(), 3);
    assert_eq!(cut_beside(&file, CUTS, Some(12.0)).1.len(), 2);
    assert_eq!(cut_beside(&file, CUTS, Some(9.0)).1.len(), 3);
}

#[test]
fn a_short_last_segment_joins_the_one_before() {
    let file = track(90_000, 3600, 310, 50, 50, 0);
    assert_eq!(durations(&cut(&file, CUTS).1, 90_000), [6.0, 6.0, 0.4]);
    let cuts = Cuts {
        min_final: 1.0,
        ..CUTS
    };
    assert_eq!(durations(&cut(&file, cuts).1, 90_000), [6.0, 6.4]);
}

#[test]
fn priming_is_left_out() {
    let (_, segments) = cut(
        &track(48_000, 1024, 10, 1, 4, 0),
        Cuts { priming: 1, ..CUTS },
    );
    let first = fragments(&segments[0]).remove(0);
    assert_eq!(
        (first.time, first.data[..4].to_vec()),
        (0, vec![0, 0, 0, 1])
    );
    assert_eq!(segments[0].duration, 9 * 1024);
}

#[test]
fn the_delay_of_b_frames_is_taken_off_in_one_way_or_the_other() {
    let file = track(90_000, 3600, 100, 50, 50, 7200);
    let (init, segments) = cut(&file, CUTS);
    assert!(init.bytes.windows(4).any(|window| window == b"elst"));
    assert_eq!(fragments(&segments[0])[0].samples[0].offset, 7200);
    let (init, segments) = cut(
        &file,
        Cuts {
            offsets: CompositionOffsets::Signed,
            ..CUTS
        },
    );
    assert!(!init.bytes.windows(4).any(|window| window == b"elst"));
    assert_eq!(fragments(&segments[0])[0].samples[0].offset, 0);
}

#[test]
fn a_file_that_breaks_off_is_an_error() {
    let mut file = track(90_000, 3600, 100, 50, 50, 0);
    file.truncate(file.len() - 3);
    let (mut packager, _) = Packager::open(file.as_slice(), CUTS).unwrap();
    let broken = std::iter::from_fn(|| packager.segment().transpose()).find(Result::is_err);
    assert!(matches!(broken, Some(Err(Mp4Error::Io(_)))));
}

proptest! {
    /// Whatever the cuts, all samples come out once and in order, times are continuous and tell
    /// the same as the samples, and a picture's segment begins with a key frame.
    #[test]
    fn nothing_is_lost_and_time_is_continuous(
        count in 1u32..400, gop in 1u32..60, chunk in 1u32..70, duration in 1u32..5000,
        segment in 0.1f64..10.0, fragment in 0.1f64..4.0, min_final in prop::sample::select(vec![0.0, 1.0]),
        end in prop::option::of(0.0f64..20.0),
    ) {
        let file = track(90_000, duration, count, gop, chunk, 0);
        let (_, segments) = cut_beside(&file, Cuts { segment, fragment, min_final, ..CUTS }, end);
        let mut time = 0;
        let mut next = 0u32;
        for segment in &segments {
            prop_assert_eq!(segment.start, time);
            let fragments = fragments(segment);
            prop_assert!(fragments[0].samples[0].sync);
            for fragment in &fragments {
                prop_assert_eq!(fragment.time, time);
                time += fragment.duration();
                for data in fragment.data.chunks(4) {
                    prop_assert_eq!(data, next.to_be_bytes());
                    next += 1;
                }
            }
            prop_assert_eq!(time, segment.start + segment.duration);
        }
        prop_assert_eq!(next, count);
    }
}

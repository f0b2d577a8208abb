//! Streams that another implementation writes, and one that a product wrote.

use cea708_types::tables::{
    Anchor, Code, Color, ColorValue, DefineWindowArgs, EdgeType, FontStyle, Opacity, PenSize,
    SetPenAttributesArgs, SetPenColorArgs, SetPenLocationArgs, TextOffset, TextTag, WindowBits,
};
use cea708_types::{CCDataWriter, DTVCCPacket, Framerate};
use proptest::prelude::*;

use super::*;

/// Milliseconds of a picture.
const PICTURE: i64 = 40;

/// What the pictures carry, as heads and pairs; each of them brings these codes of a service.
fn written(pictures: &[(u8, Vec<Code>)]) -> Vec<Vec<u8>> {
    let mut writer = CCDataWriter::default();
    let mut number = 0;
    let mut out = Vec::new();
    for (service, codes) in pictures {
        if !codes.is_empty() {
            let mut packet = DTVCCPacket::new(number % 4);
            for code in codes {
                packet.push_code(*service, code.clone()).unwrap();
            }
            writer.push_packet(packet);
            number += 1;
        }
        let mut data = Vec::new();
        writer.write(Framerate::new(25, 1), &mut data).unwrap();
        out.push(data.split_off(2));
    }
    out
}

fn fed(decoder: &mut Decoder, time: i64, data: &[u8]) {
    for [head, first, second] in data.as_chunks::<3>().0 {
        assert_eq!(head & 0xfe, 0xfe);
        decoder.feed(time, head & 1 != 0, [*first, *second]);
    }
}

fn cues(service: u32, pictures: &[(u8, Vec<Code>)]) -> Vec<Cue> {
    let mut decoder = Decoder::new(service);
    for (time, data) in (0..).step_by(40).zip(written(pictures)) {
        fed(&mut decoder, time * 1000, &data);
    }
    let end = i64::try_from(pictures.len()).unwrap() * PICTURE;
    decoder.finish(end * 1000).cues
}

/// The times in pictures.
fn said(cues: &[Cue]) -> Vec<(i64, i64, String)> {
    let picture = |time: i64| time / 1000 / PICTURE;
    cues.iter()
        .map(|cue| (picture(cue.start), picture(cue.end), cue.text()))
        .collect()
}

/// Of service 1.
fn decoded(pictures: &[Vec<Code>]) -> Vec<(i64, i64, String)> {
    let pictures: Vec<(u8, Vec<Code>)> = pictures.iter().map(|codes| (1, codes.clone())).collect();
    said(&cues(1, &pictures))
}

fn letters(text: &str) -> Vec<Code> {
    text.chars()
        .map(|letter| match letter {
            '\r' => Code::CR,
            letter => Code::from_char(letter).unwrap(),
        })
        .collect()
}

fn window(number: u8, top: u8, rows: u8, is_visible: bool) -> Code {
    let columns = 31;
    Code::DefineWindow(DefineWindowArgs::new(
        number,
        0,
        Anchor::TopLeft,
        false,
        top * 5,
        0,
        rows - 1,
        columns,
        true,
        true,
        is_visible,
        1,
        1,
    ))
}

fn pen(row: u8, column: u8) -> Code {
    Code::SetPenLocation(SetPenLocationArgs::new(row, column))
}

const FIRST: WindowBits = WindowBits::ZERO;
const SECOND: WindowBits = WindowBits::ONE;

#[test]
fn a_pop_on_caption_is_seen_while_its_window_is() {
    let pictures = [
        [vec![window(0, 12, 2, false)], letters("Hello,\rworld")].concat(),
        vec![],
        vec![Code::DisplayWindows(FIRST)],
        [
            vec![window(1, 12, 2, false)],
            letters("Hello, world, again"),
        ]
        .concat(),
        vec![Code::ToggleWindows(FIRST | SECOND)],
        vec![],
        vec![Code::DeleteWindows(SECOND)],
        vec![],
    ];
    assert_eq!(
        decoded(&pictures),
        [
            (2, 4, "Hello,\nworld".to_owned()),
            (4, 6, "Hello, world, again".to_owned())
        ]
    );
}

#[test]
fn rolled_lines_stay_until_they_are_rolled_out() {
    let pictures = [
        [vec![window(0, 12, 2, true)], letters("A")].concat(),
        letters("B"),
        letters("\rC"),
        letters("D"),
        letters("\rE"),
        vec![Code::ClearWindows(FIRST)],
        vec![],
    ];
    assert_eq!(
        decoded(&pictures),
        [
            (0, 2, "AB".to_owned()),
            (2, 4, "AB\nCD".to_owned()),
            (4, 5, "CD\nE".to_owned())
        ]
    );
}

#[test]
fn letters_that_are_added_belong_to_the_caption_that_they_are_added_to() {
    let mut pictures = vec![vec![window(0, 12, 1, true)]];
    pictures.extend(
        "Hello there"
            .chars()
            .map(|letter| letters(&letter.to_string())),
    );
    pictures.push(vec![Code::HideWindows(FIRST)]);
    assert_eq!(decoded(&pictures), [(1, 12, "Hello there".to_owned())]);
}

#[test]
fn another_line_is_another_caption() {
    let pictures = [
        [vec![window(0, 12, 2, true)], letters("One")].concat(),
        vec![pen(0, 3)],
        letters(" two"),
        vec![pen(1, 0)],
        letters("Three"),
        vec![],
    ];
    assert_eq!(
        decoded(&pictures),
        [
            (0, 4, "One two".to_owned()),
            (4, 6, "One two\nThree".to_owned())
        ]
    );
}

#[test]
fn windows_are_read_from_the_top_of_the_screen_down() {
    let codes = [
        vec![window(3, 13, 1, true)],
        letters("below"),
        vec![window(5, 4, 2, true), pen(1, 6)],
        letters("above"),
        vec![Code::SetCurrentWindow3],
        letters(" it"),
    ];
    let cues = cues(1, &[(1, codes.concat())]);
    assert_eq!(said(&cues), [(0, 1, "above\nbelow it".to_owned())]);
    let top = cues[0].place.and_then(|place| place.top);
    assert_eq!(top, Some(36), "row 5 of 15");
}

#[test]
fn a_window_is_placed_by_its_anchor() {
    let top = |anchor: Anchor, is_relative: bool, vertical: u8| {
        let window = DefineWindowArgs::new(
            0,
            0,
            anchor,
            is_relative,
            vertical,
            0,
            1,
            31,
            true,
            true,
            true,
            1,
            1,
        );
        let codes = [vec![Code::DefineWindow(window)], letters("Hi")].concat();
        let place = cues(1, &[(1, codes)])[0].place;
        place.and_then(|place| place.top)
    };
    assert_eq!(top(Anchor::TopMiddle, false, 0), Some(10));
    assert_eq!(
        top(Anchor::CenterLeft, false, 30),
        Some(36),
        "a row above 6"
    );
    assert_eq!(top(Anchor::BottomRight, true, 20), Some(20), "rows 2 and 3");
    assert_eq!(
        top(Anchor::BottomLeft, false, 74),
        None,
        "at the bottom anyway"
    );
    assert_eq!(top(Anchor::TopLeft, true, 99), None);
}

#[test]
fn services_are_told_apart() {
    let say = |text: &str| [vec![window(0, 12, 1, true)], letters(text)].concat();
    let pictures = [(1, say("one")), (2, say("two")), (9, say("nine"))];
    for (service, text) in [(1, "one"), (2, "two"), (9, "nine")] {
        assert_eq!(said(&cues(service, &pictures))[0].2, text);
    }
    assert!(cues(3, &pictures).is_empty());
}

#[test]
fn text_keeps_its_style() {
    let attributes = |tag: TextTag, italics: bool| {
        Code::SetPenAttributes(SetPenAttributesArgs::new(
            PenSize::Standard,
            FontStyle::Default,
            tag,
            TextOffset::Normal,
            italics,
            !italics,
            EdgeType::None,
        ))
    };
    let color = |red: ColorValue, green: ColorValue| {
        let (foreground, black) = (Color::new(red, green, ColorValue::None), Color::BLACK);
        let solid = Opacity::Solid;
        Code::SetPenColor(SetPenColorArgs::new(foreground, solid, black, solid, black))
    };
    let codes = [
        vec![window(0, 12, 1, true), attributes(TextTag::Dialog, true)],
        letters("a"),
        vec![attributes(TextTag::TextNotToBeDisplayed, true)],
        letters("hidden"),
        vec![pen(0, 1), attributes(TextTag::Dialog, false)],
        letters("b"),
        vec![color(ColorValue::TwoThirds, ColorValue::OneThird)],
        letters("c"),
    ];
    let cues = cues(1, &[(1, codes.concat())]);
    let parts: Vec<(&str, bool, bool, Option<[u8; 3]>)> = cues[0]
        .spans
        .iter()
        .map(|span| {
            (
                &*span.text,
                span.style.italic,
                span.style.underline,
                span.style.color,
            )
        })
        .collect();
    assert_eq!(
        parts,
        [
            ("a", true, false, None),
            ("b", false, true, None),
            ("c", false, true, Some([255, 0, 0]))
        ]
    );
}

#[test]
fn the_pen_goes_back_and_erases() {
    let codes = [
        vec![window(0, 10, 2, true)],
        letters("Hellp"),
        vec![Code::BS],
        letters("o\rwrong"),
        vec![Code::HCR],
        letters("right"),
    ];
    assert_eq!(decoded(&[codes.concat()])[0].2, "Hello\nright");
    let again = [
        codes.concat(),
        vec![Code::FF],
        letters("all"),
        vec![Code::ETX],
    ];
    assert_eq!(decoded(&[again.concat()])[0].2, "all");
}

#[test]
fn the_letters_are_those_of_the_other_implementation() {
    let single = (0x20..=0x7f).chain(0xa0..=0xff).map(|byte| vec![byte]);
    let second = (0x20..=0x7f)
        .chain(0xa0..=0xff)
        .map(|byte| vec![0x10, byte]);
    for bytes in single.chain(second) {
        let mut window = Window::default();
        window.code(&bytes);
        let ours: String = window.lines[0]
            .iter()
            .filter_map(|cell| cell.letter)
            .collect();
        let theirs = Code::from_data(&bytes).unwrap()[0].char().map(String::from);
        let expected = match &bytes[..] {
            // Theirs are a letter in a circle and a D with a stroke; the table is that of Latin-1.
            [0xae] => "®",
            [0xd0] => "Ð",
            // These they know, and have no letter for.
            [0x10, 0x20] => " ",
            [0x10, 0x21] => "\u{a0}",
            [0x10, 0x35] => "•",
            [0x10, 0x3d] => "℠",
            [0x10, 0x7a] => "│",
            [0x10, 0x7b] => "┐",
            [0x10, 0x7c] => "└",
            [0x10, 0x7d] => "─",
            [0x10, 0x7e] => "┘",
            [0x10, 0x7f] => "┌",
            [0x10, 0xa0] => "[CC]",
            _ => theirs.as_deref().unwrap_or("_"),
        };
        assert_eq!(ours, expected, "{bytes:02x?}");
    }
}

#[test]
fn a_letter_may_be_told_by_its_unicode_number() {
    let codes = vec![
        window(0, 12, 1, true),
        Code::P16(0xd55c),
        Code::P16(0x7),
        Code::P16(0xd800),
    ];
    assert_eq!(decoded(&[codes])[0].2, "한");
}

/// A packet of service 1 with these blocks.
fn packet(blocks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0];
    for block in blocks {
        assert!(block.len() < 32);
        bytes.push(0x20 | u8::try_from(block.len()).unwrap());
        bytes.extend(*block);
    }
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes[0] = u8::try_from(bytes.len() / 2).unwrap();
    bytes
}

/// Feeds packets at their times, in tenths of a second; the last time is the end.
fn timed(packets: &[(i64, Vec<u8>)], end: i64) -> Vec<(i64, i64, String)> {
    let mut decoder = Decoder::new(1);
    for (time, packet) in packets {
        for (number, pair) in packet.as_chunks::<2>().0.iter().enumerate() {
            decoder.feed(time * TENTH, number == 0, *pair);
        }
    }
    let captions = decoder.finish(end * TENTH);
    assert!(captions.warnings.is_empty(), "{captions:?}");
    captions
        .cues
        .iter()
        .map(|cue| (cue.start / TENTH, cue.end / TENTH, cue.text()))
        .collect()
}

const SHOWN: [u8; 7] = [0x98, 0x20, 60, 0, 0, 31, 0x11];

#[test]
fn a_delay_holds_up_what_follows_it() {
    let hi = |tail: &[u8]| [&SHOWN[..], b"Hi", tail].concat();
    let later = [hi(&[0x8d, 20, 0x8a, 1, 0x8d, 5, 0x89, 1])];
    let with = |blocks: &[&[u8]]| {
        let mut packets = vec![(10, packet(&[&later[0]]))];
        packets.extend(blocks.iter().map(|block| (20, packet(&[block]))));
        timed(&packets, 50)
    };
    let said = |times: &[(i64, i64)]| -> Vec<(i64, i64, String)> {
        times
            .iter()
            .map(|(start, end)| (*start, *end, "Hi".to_owned()))
            .collect()
    };
    assert_eq!(with(&[]), said(&[(10, 30), (35, 50)]));
    assert_eq!(with(&[&[0x8e]]), said(&[(10, 20), (20, 50)]), "cancelled");
    assert_eq!(with(&[&[0x8f]]), said(&[(10, 20)]), "reset");
    let much = [0; 31];
    assert_eq!(
        with(&[&much[..]; 4]),
        said(&[(10, 20), (25, 50)]),
        "no more room"
    );
}

#[test]
fn a_code_may_be_cut_in_two() {
    let (first, second) = SHOWN.split_at(3);
    let whole = [second, b"Hi"].concat();
    assert_eq!(timed(&[(1, packet(&[first, &whole]))], 2)[0].2, "Hi");
    assert_eq!(
        timed(&[(1, packet(&[first])), (2, packet(&[&whole]))], 3)[0].0,
        2
    );
}

#[test]
fn codes_that_mean_nothing_are_passed_over_with_what_belongs_to_them() {
    let extended = [
        &[0x10, 0x07, 0x10, 0x08, b'-', 0x10, 0x10, b'-', b'-'][..],
        &[0x10, 0x1f, b'-', b'-', b'-', 0x10, 0x90, 0x02, b'-', b'-'],
    ]
    .concat();
    let more = [
        &[0x10, 0x80, b'-', b'-', b'-', b'-'][..],
        &[0x10, 0x88, b'-', b'-', b'-', b'-', b'-'],
        &[0x11, b'-', 0x19, b'-', b'-', 0x93],
        &[0x97, b'-', b'-', b'-', b'-'],
    ]
    .concat();
    let packet = packet(&[&SHOWN, b"a", &extended, b"b", &more, b"c"]);
    assert_eq!(timed(&[(1, packet)], 3)[0].2, "abc");
}

#[test]
fn a_packet_that_was_cut_short_is_passed_over() {
    let good = packet(&[&[&SHOWN[..], b"Hi"].concat()]);
    let mut cut = packet(&[&[&SHOWN[..], b"Ha"].concat()]);
    cut.truncate(cut.len() - 2);
    assert_eq!(
        timed(&[(1, cut.clone()), (2, good)], 3),
        [(2, 3, "Hi".to_owned())]
    );
    assert!(timed(&[(1, cut)], 3).is_empty());
    // A block that is longer than its packet.
    assert!(timed(&[(1, vec![1, 0x3f])], 3).is_empty());
}

#[test]
fn long_packets_are_read() {
    let text = [b'x'; 24];
    let blocks = [
        &[&SHOWN[..], &text].concat()[..],
        &[b'y'; 31],
        &[b'z'; 31],
        &[b'!'; 30],
    ];
    let long = packet(&blocks[..3]);
    assert_eq!(timed(&[(1, long)], 3)[0].2.len(), 24 + 31 + 31);
    let mut longest = packet(&blocks);
    assert_eq!(longest.len(), 128);
    longest[0] = 0;
    assert_eq!(timed(&[(1, longest)], 3)[0].2.len(), 24 + 31 + 31 + 30);
}

/// Packets of the first captions that Adobe Premiere Pro wrote, with the numbers of their pictures of 1001/30000 s:
/// `captions-test_708.mcc` of <https://gitlab.freedesktop.org/gstreamer/gst-plugins-rs>, in `video/closedcaption/tests`.
const PREMIERE: [(i64, &str); 21] = [
    (0, "02228cff"),
    (1, "45279800000001161100"),
    (2, "8b349004035468657365206172652037303820636103"),
    (3, "c5287074696f6e732003"),
    (4, "082e92010028746f70206c6566742903"),
    (5, "432488008bff"),
    (6, "82228cfe"),
    (7, "c52799001e00011b1100"),
    (8, "0b349004039200055468657365206172652037303803"),
    (9, "472b2063617074696f6e73200300"),
    (10, "872c92010e286d6964646c652903"),
    (147, "c2228c01"),
    (157, "432488008bff"),
    (158, "82228cfd"),
    (159, "c5279800410001161100"),
    (160, "0b349004035468657365206172652037303820636103"),
    (161, "45287074696f6e732003"),
    (162, "8a3192010028626f74746f6d206c656674290300"),
    (357, "42228c02"),
    (367, "c32488008bff"),
    (577, "42228cff"),
];

#[test]
fn captions_of_a_product_are_read() {
    let time = |picture: i64| picture * 1001 * 1_000_000 / 30_000;
    let mut decoder = Decoder::new(1);
    for (picture, packet) in PREMIERE {
        for (number, pair) in packet.as_bytes().as_chunks::<4>().0.iter().enumerate() {
            let pair = u16::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            decoder.feed(time(picture), number == 0, pair.to_be_bytes());
        }
    }
    let cues = decoder.finish(time(600)).cues;
    let seen: Vec<(i64, i64, String, Option<u8>)> = cues
        .iter()
        .map(|cue| {
            (
                cue.start,
                cue.end,
                cue.text(),
                cue.place.and_then(|place| place.top),
            )
        })
        .collect();
    let text = |place: &str| format!("These are 708 captions\n({place})");
    assert_eq!(
        seen,
        [
            (time(5), time(147), text("top left"), Some(10)),
            (time(157), time(357), text("middle"), Some(42)),
            (time(367), time(577), text("bottom left"), None),
        ]
    );
}

/// Codes that may mean something, and any bytes.
fn codes() -> impl Strategy<Value = Vec<u8>> {
    let code = prop_oneof![
        4 => any::<[u8; 6]>().prop_map(|[a, b, c, d, e, f]| vec![0x98 | a & 7, a | 0x20, b, c, d, e, f]),
        4 => (0x88u8..=0x8c, any::<u8>()).prop_map(|(code, which)| vec![code, which]),
        8 => "[a-z ♪é]{1,9}".prop_map(|text| letters(&text).iter().flat_map(|code| {
            let mut bytes = Vec::new();
            code.write(&mut bytes).unwrap();
            bytes
        }).collect()),
        4 => any::<[u8; 2]>().prop_map(|[row, column]| vec![0x92, row, column]),
        2 => (0u8..0x20).prop_map(|code| vec![code]),
        1 => (0u8..9).prop_map(|tenths| vec![0x8d, tenths]),
        2 => prop::collection::vec(any::<u8>(), 1..9),
    ];
    prop::collection::vec(code, 0..8).prop_map(|codes| {
        let mut codes = codes.concat();
        codes.truncate(31);
        codes
    })
}

proptest! {
    #[test]
    fn no_pairs_make_the_decoder_panic(pairs in prop::collection::vec(any::<(bool, [u8; 2])>(), 0..400)) {
        let mut decoder = Decoder::new(1);
        for (time, (begins, pair)) in (0..).zip(pairs) {
            decoder.feed(time, begins, pair);
        }
        let _ = decoder.finish(1000);
    }

    #[test]
    fn no_codes_make_a_cue_of_no_text_or_time(blocks in prop::collection::vec(codes(), 0..60)) {
        let packets: Vec<(i64, Vec<u8>)> = (0..).zip(&blocks).map(|(time, block)| (time, packet(&[block]))).collect();
        let mut before = 0;
        for (start, end, text) in timed(&packets, 100) {
            prop_assert!(before <= start && start < end && end <= 100);
            prop_assert!(!text.trim().is_empty());
            before = end;
        }
    }

    #[test]
    fn codes_are_as_long_as_the_other_implementation_takes_them_for(bytes in prop::collection::vec(any::<u8>(), 1..40)) {
        // It takes commands of any length, of which there is none, for a byte shorter.
        let is_told = |bytes: &[u8]| !matches!(bytes, [0x10, 0x90..=0x9f, ..]);
        let mut ours = Vec::new();
        let mut rest = &bytes[..];
        while let Some((code, after)) = length(rest).and_then(|length| rest.split_at_checked(length)) {
            prop_assume!(is_told(code));
            ours.push(code.to_vec());
            rest = after;
        }
        let whole = bytes.len() - rest.len();
        let theirs: Vec<Vec<u8>> = Code::from_data(&bytes[..whole]).unwrap().iter().map(|code| {
            let mut bytes = Vec::new();
            code.write(&mut bytes).unwrap();
            bytes
        }).collect();
        // Only the lengths: bits that mean nothing aren't written again.
        let lengths = |codes: &[Vec<u8>]| codes.iter().map(Vec::len).collect::<Vec<_>>();
        prop_assert_eq!(lengths(&ours), lengths(&theirs));
    }
}

//! Captions in the picture itself: CEA-608 and CEA-708 in the user data of H.264, HEVC and MPEG-2 pictures, as ATSC A/53
//! lays it out. No index tells of them, and Probe doesn't either, so parts of the file are searched. What is searched for
//! lies in one piece in all containers but for the seams of transport packets, which don't hide all of it.

use std::ops::Range;

use memchr::memmem;

use super::{Origin, Track, UNKNOWN};

/// Bytes of a part: at 5 Mbit/s, some five pictures.
const PART: u64 = 128 * 1024;
/// Files up to this size are read whole, bytes.
const SMALL: u64 = (FEW + 2) * PART;
/// Parts that are searched of every file, away from its ends, where indexes lie and openings without captions. Whoever
/// writes captions writes them, or their padding, into each picture.
const FEW: u64 = 2;
/// Parts that are searched where pictures are so large that one of the few may have had none's beginning.
const LARGER: u64 = 3;
/// The largest of those, bytes.
const LARGEST: u64 = 1024 * 1024;
/// Pictures that a part is to hold: those that others are predicted from are several times as large as the average.
const PICTURES: u64 = 4;
/// Parts that are searched where there was only padding: nobody may have spoken yet.
const MANY: u64 = 40;
/// `user_identifier` of ATSC, and the type of the user data that follows: `cc_data`.
const MARK: &[u8] = b"GA94\x03";

/// What was found so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Search {
    /// There is room for captions.
    carried: bool,
    /// CC1 to CC4, true where something is said.
    channels: [bool; 4],
    /// Something is said in the first field, and not in which of its two channels.
    unclear: bool,
    /// Services 1 to 4 of CEA-708, true where something is said.
    services: [bool; 4],
}

impl Search {
    /// Where to look first, in a file of so many bytes.
    pub fn first_parts(size_bytes: u64) -> Vec<Range<u64>> {
        spread(size_bytes, FEW, PART)
    }

    /// Where to look as well after the first parts, given the bytes of an average picture, where that is known.
    pub fn larger_parts(&self, size_bytes: u64, picture_bytes: Option<u64>) -> Vec<Range<u64>> {
        let wanted = picture_bytes.map_or(LARGEST, |bytes| bytes.saturating_mul(PICTURES));
        if self.carried || wanted <= PART || size_bytes <= SMALL {
            return Vec::new();
        }
        spread(size_bytes, LARGER, wanted.min(LARGEST))
    }

    /// Where to look as well, after those.
    pub fn further_parts(&self, size_bytes: u64) -> Vec<Range<u64>> {
        if self.carried && self.channels().is_empty() && size_bytes > SMALL {
            spread(size_bytes, MANY, PART)
        } else {
            Vec::new()
        }
    }

    /// Looks into a part.
    pub fn add(&mut self, part: &[u8]) {
        // What a field's bytes belong to, from one picture to the next.
        let mut fields = [Field::default(); 2];
        let mut packet = Packet::default();
        let mut rest = part;
        while let Some(at) = memmem::find(rest, MARK) {
            rest = &rest[at + MARK.len()..];
            packet.is_past = true;
            for [head, first, second] in triples(rest).into_iter().flatten() {
                self.carried = true;
                let pair = [*first, *second];
                match head & 0x07 {
                    0x04 | 0x05 => {
                        let number = usize::from(head & 0x01);
                        self.pair(number, &mut fields[number], pair.map(|byte| byte & 0x7F));
                    }
                    0x06 if packet.bytes.is_empty() => {}
                    0x06 => packet.push(pair),
                    0x07 => {
                        self.blocks(&packet);
                        packet = Packet::default();
                        packet.push(pair);
                    }
                    // It isn't valid.
                    _ => {}
                }
            }
        }
        self.blocks(&packet);
    }

    /// Looks into the blocks of a packet of CEA-708. Pictures are stored in another order than they are shown in, so that
    /// what came from other pictures than the packet's first may be in disorder: no block is taken to begin there.
    fn blocks(&mut self, packet: &Packet) {
        let (length, sure) = (packet.length(), packet.sure);
        let is_whole = packet.bytes.len() == length;
        let known = &packet.bytes[..if is_whole { length } else { sure }];
        if sure > length {
            return;
        }
        let mut services = self.services;
        let mut at = 1;
        while at < sure
            && let Some((head, rest)) = known[at..].split_first()
        {
            let (service, length) = (usize::from(head >> 5), usize::from(head & 0x1F));
            // A higher number is in a byte of its own.
            let length = length + usize::from(service == 7 && length > 0);
            if service == 0 {
                break;
            }
            if is_whole && rest.len() < length {
                return;
            }
            if let Some(said) = services.get_mut(service - 1) {
                *said |= says(&rest[..length.min(rest.len())]);
            }
            at += 1 + length;
        }
        self.services = services;
    }

    fn pair(&mut self, number: usize, field: &mut Field, [first, second]: [u8; 2]) {
        match first {
            // Program information, in the second field, until its end or a control code.
            0x01..=0x0E => field.within = Within::Other,
            0x0F => field.within = Within::Unknown,
            0x10..=0x1F => field.control(first, second),
            0x20.. => match field.within {
                Within::Channel(second) => self.channels[number * 2 + usize::from(second)] = true,
                Within::Unknown if number == 0 => self.unclear = true,
                Within::Unknown | Within::Other => {}
            },
            0x00 => {}
        }
    }

    /// Numbers of the channels in which something is said, 1 to 4: those of CEA-608, and where there are none, the
    /// services of CEA-708. Where a picture has both, the latter repeat the former.
    pub fn channels(&self) -> Vec<u8> {
        let mut said = self.channels;
        let [first, second, ..] = &mut said;
        *first |= self.unclear && !*second;
        if said == [false; 4] {
            said = self.services;
        }
        let said = (1..).zip(said).filter(|(_, said)| *said);
        said.map(|(number, _)| number).collect()
    }

    /// The tracks. In which language they are, nothing tells.
    pub fn tracks(&self) -> Vec<Track> {
        let channels = self.channels().into_iter();
        let tracks = channels.map(|channel| Track {
            language: UNKNOWN.to_owned(),
            label: format!("CC{channel}"),
            origin: Origin::Picture { channel },
        });
        tracks.collect()
    }
}

/// State of one of the two fields.
#[derive(Clone, Copy, Default)]
struct Field {
    within: Within,
}

#[derive(Clone, Copy, Default)]
enum Within {
    #[default]
    Unknown,
    /// Captions: false for the field's first channel, true for its second.
    Channel(bool),
    /// Text channels and program information.
    Other,
}

impl Field {
    /// CEA-608, 8.4: bit 3 tells the channel, and a few codes whether captions or a text channel follow.
    fn control(&mut self, first: u8, second: u8) {
        let channel = first & 0x08 != 0;
        let is_mode = matches!(first & 0x07, 4 | 5) && second < 0x30;
        match second {
            0x2A | 0x2B if is_mode => self.within = Within::Other,
            0x20 | 0x25..=0x27 | 0x29 if is_mode => self.within = Within::Channel(channel),
            // Places, styles and the like: of whatever is under way, and of captions where that isn't known.
            _ => match self.within {
                Within::Other => {}
                Within::Unknown | Within::Channel(_) => self.within = Within::Channel(channel),
            },
        }
    }
}

/// A packet of CEA-708, as far as it was found.
#[derive(Default)]
struct Packet {
    /// Begins with its head: two bits that count packets, and six for half of the length.
    bytes: Vec<u8>,
    /// How many of them are in the picture in which it began.
    sure: usize,
    /// That picture has ended.
    is_past: bool,
}

impl Packet {
    /// How long it says that it is.
    fn length(&self) -> usize {
        match self.bytes.first().map(|head| usize::from(head & 0x3F)) {
            None | Some(0) => 128,
            Some(pairs) => pairs * 2,
        }
    }

    fn push(&mut self, pair: [u8; 2]) {
        let is_padding = pair == [0, 0] && self.bytes.len() == self.length();
        if !is_padding {
            self.bytes.extend(pair);
        }
        if !self.is_past {
            self.sure = self.bytes.len();
        }
    }
}

/// There are letters among the codes of a block of CEA-708.
fn says(mut codes: &[u8]) -> bool {
    while let [code, rest @ ..] = codes {
        let arguments = match code {
            0x21..=0x7F | 0xA1..=0xFF => return true,
            0x10 => match rest {
                [0x08..=0x0F, ..] => 2,
                [0x10..=0x17, ..] => 3,
                [0x18..=0x1F, ..] => 4,
                [0x80..=0x87, ..] => 5,
                [0x88..=0x8F, ..] => 6,
                [0x90..=0x9F, head, ..] => 2 + usize::from(head & 0x1F),
                _ => 1,
            },
            // A letter of 16 bits.
            0x18 if rest.len() >= 2 => return true,
            0x11..=0x17 | 0x88..=0x8D => 1,
            0x18..=0x1F | 0x90 | 0x92 => 2,
            0x91 => 3,
            0x97 => 4,
            0x98..=0x9F => 6,
            _ => 0,
        };
        codes = rest.get(arguments..).unwrap_or_default();
    }
    false
}

/// The pairs after the mark with their heads, where that is what follows. No encoder's escape bytes can stand between
/// them, because no head is small.
fn triples(bytes: &[u8]) -> Option<&[[u8; 3]]> {
    let (flags, rest) = bytes.split_first()?;
    let is_processed = flags & 0x40 != 0;
    let count = usize::from(flags & 0x1F);
    let (triples, _) = rest.get(1..=count * 3)?.as_chunks::<3>();
    let are_heads = triples.iter().all(|[head, ..]| head & 0xF8 == 0xF8);
    (is_processed && are_heads).then_some(triples)
}

/// So many parts of such a length, evenly spread between the ends of a file; the whole of one in which they would overlap.
fn spread(size_bytes: u64, count: u64, length: u64) -> Vec<Range<u64>> {
    if size_bytes <= (count + 2) * length {
        let all = Some(0..size_bytes).filter(|all| !all.is_empty());
        return all.into_iter().collect();
    }
    let step = (size_bytes - length) / (count + 1);
    let starts = (1..=count).map(|number| number * step);
    starts.map(|start| start..start + length).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use cea708_types::tables::{Anchor, Code, DefineWindowArgs, SetPenLocationArgs, WindowBits};
    use cea708_types::{CCDataWriter, DTVCCPacket, Framerate};

    use super::{LARGER, LARGEST, MANY, PART, Search, spread};

    /// A picture's user data, with these pairs of a field.
    fn picture(field: u8, pairs: &[[u8; 2]]) -> Vec<u8> {
        let triples = pairs.iter();
        let triples: Vec<[u8; 3]> = triples
            .map(|[first, second]| [0xFC | field, odd(*first), odd(*second)])
            .collect();
        user_data(&triples)
    }

    fn user_data(triples: &[[u8; 3]]) -> Vec<u8> {
        let count = u8::try_from(triples.len()).unwrap();
        let mut bytes = b"\x00\x00\x00\x01\x06\x04\x40\xB5\x00\x31GA94\x03".to_vec();
        bytes.extend([0x40 | count, 0xFF]);
        bytes.extend(triples.as_flattened());
        bytes.push(0xFF);
        bytes.extend([7; 100]);
        bytes
    }

    /// Pictures that another implementation fills with packets of CEA-708, at 60 a second: nine pairs in each.
    fn pictures(packets: &[Vec<(u8, Code)>]) -> Vec<Vec<u8>> {
        let mut writer = CCDataWriter::default();
        writer.set_output_cea608_padding(true);
        writer.set_output_padding(true);
        for (number, codes) in (0..4).cycle().zip(packets) {
            let mut packet = DTVCCPacket::new(number);
            for (service, code) in codes {
                packet.push_code(*service, code.clone()).unwrap();
            }
            writer.push_packet(packet);
        }
        let most: usize = packets.iter().map(|codes| 10 + 8 * codes.len()).sum();
        let pictures = 0..=most / 18;
        pictures
            .map(|_| {
                let mut data = Vec::new();
                writer.write(Framerate::new(60, 1), &mut data).unwrap();
                user_data(data[2..].as_chunks().0)
            })
            .collect()
    }

    /// Letters of a service, after what opens a window for them.
    fn text(service: u8, letters: &str) -> Vec<(u8, Code)> {
        let mut codes = vec![window()];
        codes.extend(letters.chars().filter_map(Code::from_char));
        codes.into_iter().map(|code| (service, code)).collect()
    }

    /// Its definition looks like letters, as far as it can.
    fn window() -> Code {
        let (place, size) = (0x41, 0x21);
        Code::DefineWindow(DefineWindowArgs::new(
            1,
            1,
            Anchor::CenterMiddle,
            false,
            place,
            place,
            1,
            size,
            false,
            false,
            true,
            4,
            1,
        ))
    }

    /// With the parity bit.
    fn odd(byte: u8) -> u8 {
        byte | (u8::from(byte.count_ones().is_multiple_of(2)) << 7)
    }

    fn channels(pictures: &[Vec<u8>]) -> Vec<u8> {
        let mut search = Search::default();
        search.add(&pictures.concat());
        search.channels()
    }

    const TEXT: [u8; 2] = *b"Hi";
    const LOAD: [u8; 2] = [0x14, 0x20];
    const LOAD_SECOND: [u8; 2] = [0x1C, 0x20];

    #[test]
    fn channels_are_told_by_their_control_codes() {
        for (field, code, channel) in [
            (0, LOAD, 1),
            (0, LOAD_SECOND, 2),
            (1, [0x15, 0x20], 3),
            (1, [0x1D, 0x20], 4),
            (0, [0x14, 0x70], 1),
        ] {
            let pictures = [picture(field, &[code]), picture(field, &[TEXT])];
            assert_eq!(channels(&pictures), [channel]);
        }
        let both = [picture(0, &[LOAD, TEXT]), picture(1, &[[0x15, 0x26], TEXT])];
        assert_eq!(channels(&both), [1, 3]);
    }

    #[test]
    fn a_part_may_begin_in_the_middle_of_a_caption() {
        assert_eq!(channels(&[picture(0, &[TEXT])]), [1]);
        assert_eq!(
            channels(&[picture(0, &[TEXT]), picture(0, &[LOAD_SECOND, TEXT])]),
            [2]
        );
        let rest_of_program_information = picture(1, &[TEXT]);
        assert!(channels(&[rest_of_program_information]).is_empty());
    }

    #[test]
    fn padding_text_channels_and_program_information_are_no_captions() {
        let nothing = [
            picture(0, &[[0, 0]]),
            picture(0, &[[0x14, 0x2C]]),
            picture(0, &[[0x14, 0x2A], TEXT]),
            picture(1, &[[0x15, 0x20], [0x01, 0x03], TEXT, [0x0F, 0x1D]]),
            picture(2, &[LOAD, TEXT]),
        ];
        for picture in &nothing {
            assert!(channels(std::slice::from_ref(picture)).is_empty());
        }
        let mut search = Search::default();
        search.add(&nothing.concat());
        assert!(!search.further_parts(1 << 30).is_empty(), "there is room");
        search.add(&picture(0, &[LOAD, TEXT]));
        assert!(search.further_parts(1 << 30).is_empty());
    }

    #[test]
    fn services_are_told_by_their_blocks() {
        assert_eq!(channels(&pictures(&[text(1, "Hi")])), [1]);
        assert_eq!(
            channels(&pictures(&[text(1, "Hi"), text(3, "¡Ay!")])),
            [1, 3]
        );
        assert_eq!(
            channels(&pictures(&[[text(2, "Hi"), text(4, "Ho")].concat()])),
            [2, 4]
        );
        let long = "They said something that takes more than a picture or two.";
        assert_eq!(channels(&pictures(&[text(2, long)])), [2]);
        let late = [window(), window(), Code::ETX, Code::LatinCapitalA].map(|code| (2, code));
        assert_eq!(channels(&pictures(&[late.to_vec()])), [2]);
        assert_eq!(
            channels(&pictures(&[vec![(2, window()), (2, Code::P16(0xD55C))]])),
            [2]
        );
        let others = [text(5, "Hi"), text(6, "Hi"), text(7, "Hi"), text(9, "Hi")];
        assert!(channels(&pictures(&others)).is_empty());
    }

    #[test]
    fn channels_go_before_services() {
        let both = |field: u8, code: [u8; 2]| {
            let mut both = pictures(&[text(1, "Hi"), text(2, "Ho")]);
            both.push(picture(field, &[code, TEXT]));
            channels(&both)
        };
        assert_eq!(both(0, LOAD), [1]);
        assert_eq!(both(1, [0x15, 0x20]), [3]);
        assert_eq!(both(0, TEXT), [1]);
        assert_eq!(both(0, [0x14, 0x2C]), [1], "of CEA-608");
        assert_eq!(both(0, [0x14, 0x2A]), [1, 2], "a text channel");
    }

    #[test]
    fn padding_and_windows_without_letters_are_no_captions() {
        let codes = [
            window(),
            Code::SetPenLocation(SetPenLocationArgs::new(1, 0x2A)),
            Code::DisplayWindows(WindowBits::from(0x42)),
            Code::Space,
            Code::Unknown(vec![0x91, 0x2A, 0x41, 0x42]),
            Code::Unknown(vec![0x97, 0x41, 0x42, 0x43, 0x44]),
            Code::Unknown(vec![0x90, 0x41, 0x42]),
            Code::Unknown(vec![0x8D, 0x41]),
            Code::Unknown(vec![0x11, 0x41, 0x19, 0x41, 0x42]),
            Code::Unknown(vec![0x10, 0x08, 0x41, 0x10, 0x10, 0x41, 0x42]),
            Code::Unknown(vec![0x10, 0x18, 0x41, 0x42, 0x43]),
            Code::Unknown(vec![0x10, 0x80, 0x41, 0x42, 0x43, 0x44]),
            Code::Unknown(vec![0x10, 0x88, 0x41, 0x42, 0x43, 0x44, 0x45]),
            Code::Unknown(vec![0x10, 0x90, 0x02, 0x41, 0x42]),
            Code::ETX,
        ];
        let codes = codes.map(|code| (1, code)).to_vec();
        for packets in [&[codes, text(1, "")][..], &[text(1, "")], &[]] {
            let mut search = Search::default();
            search.add(&pictures(packets).concat());
            assert!(search.channels().is_empty());
            assert!(!search.further_parts(1 << 30).is_empty(), "there is room");
        }
    }

    #[test]
    fn a_packet_that_is_not_as_long_as_it_says_is_passed_over() {
        let start = |head: u8, block: u8| [0xFF, head, block];
        let (letters, more) = ([0xFE, b'H', b'i'], [0xFE, b'A', b'B']);
        for (triples, said) in [
            (&[start(0x02, 0x22), letters][..], true),
            (&[start(0x02, 0x22), letters, [0xFE, 0, 0]], true),
            (&[start(0x02, 0x22), letters, more], false),
            (&[start(0x02, 0x25), letters], false),
            (&[start(0x02, 0x22), [0xFA, b'H', b'i']], false),
            (&[[0xFB, 0x02, 0x22], letters], false),
            (&[letters, more], false),
        ] {
            let channels = channels(&[user_data(triples)]);
            assert_eq!(!channels.is_empty(), said, "{triples:02X?}");
        }
    }

    #[test]
    fn a_packet_may_go_on_in_another_picture_that_no_block_begins_in() {
        let first = |head: u8, block: u8| user_data(&[[0xFF, head, block]]);
        let (letters, more) = ([0xFE, b'H', b'i'], [0xFE, 0x41, b'i']);
        assert_eq!(channels(&[first(0x02, 0x22), user_data(&[letters])]), [1]);
        // Its length says that something else came in between.
        assert!(channels(&[first(0x02, 0x22), user_data(&[letters, more])]).is_empty());
        assert_eq!(
            channels(&[first(0x03, 0x22), user_data(&[letters, more])]),
            [1]
        );
    }

    #[test]
    fn what_only_looks_like_it_is_passed_over() {
        let mut cut = picture(0, &[LOAD, TEXT]);
        cut.truncate(cut.len() - 104);
        let mut other = picture(0, &[LOAD, TEXT]);
        other[17] = 0x12; // the head of the first pair
        for bytes in [cut, other, b"GA94\x03".to_vec(), b"GA94".to_vec()] {
            let mut search = Search::default();
            search.add(&bytes);
            assert_eq!(search, Search::default());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_searched(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut search = Search::default();
            search.add(&[b"GA94\x03".as_slice(), &bytes].concat());
            prop_assert!(search.channels().len() <= 4);
        }

        #[test]
        fn any_pairs_can_be_searched(triples in prop::collection::vec((0xF8u8.., any::<[u8; 2]>()), 0..31)) {
            let triples: Vec<[u8; 3]> = triples.iter().map(|(head, [first, second])| [*head, *first, *second]).collect();
            prop_assert!(channels(&[user_data(&triples)]).len() <= 4);
        }

        #[test]
        fn no_order_of_pictures_makes_up_services(
            texts in prop::collection::vec("[ -~]{0,60}", 1..8),
            group in Just((1..5usize).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let packets: Vec<Vec<(u8, Code)>> = texts.iter().map(|letters| text(2, letters)).collect();
            let shown = pictures(&packets);
            let mut stored: Vec<Vec<u8>> = Vec::new();
            for pictures in shown.chunks(group.len()) {
                stored.extend(group.iter().filter_map(|number| pictures.get(number - 1).cloned()));
            }
            let found = channels(&stored);
            prop_assert!(found.is_empty() || found == [2], "{:?}", found);
        }

        #[test]
        fn parts_lie_in_the_file(size in prop_oneof![0u64..8 << 20, 0u64..1 << 42], picture in prop::option::of(any::<u64>())) {
            let search = Search::default();
            let few = Search::first_parts(size);
            let larger = search.larger_parts(size, picture);
            prop_assert_eq!(few.is_empty(), size == 0);
            for parts in [few, larger, spread(size, MANY, PART)] {
                prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= size));
                prop_assert!(parts.is_sorted_by(|before, after| before.end <= after.start));
                let read: u64 = parts.iter().map(|part| part.end - part.start).sum();
                prop_assert!(read <= ((MANY + 2) * PART).max((LARGER + 2) * LARGEST));
            }
        }
    }

    #[test]
    fn larger_parts_are_searched_only_where_a_part_may_lie_within_a_picture() {
        const GIB: u64 = 1 << 30;
        const NONE: [u64; 0] = [];
        let mut search = Search::default();
        let sizes = |parts: Vec<std::ops::Range<u64>>| -> Vec<u64> {
            parts.iter().map(|part| part.end - part.start).collect()
        };
        // 5, 50 and 500 Mbit/s at 25 pictures a second.
        assert_eq!(sizes(search.larger_parts(GIB, Some(25_000))), NONE);
        assert_eq!(
            sizes(search.larger_parts(GIB, Some(250_000))),
            [1_000_000; 3]
        );
        assert_eq!(
            sizes(search.larger_parts(GIB, Some(2_500_000))),
            [LARGEST; 3]
        );
        assert_eq!(sizes(search.larger_parts(GIB, None)), [LARGEST; 3]);
        assert_eq!(
            sizes(search.larger_parts(100_000, None)),
            NONE,
            "that was read whole"
        );
        search.add(&picture(0, &[[0x80, 0x80]]));
        assert_eq!(sizes(search.larger_parts(GIB, None)), NONE, "there is room");
    }
}

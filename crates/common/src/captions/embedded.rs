//! Captions in the picture itself: CEA-608 in the user data of H.264, HEVC and MPEG-2 pictures, as ATSC A/53 lays it out.
//! No index tells of them, and Probe doesn't either, so parts of the file are searched. What is searched for lies in
//! one piece in all containers but for the seams of transport packets, which don't hide all of it.

use std::ops::Range;

use super::{Origin, Track, UNKNOWN};

/// Bytes of a part: at 20 Mbit/s, some ten pictures.
const PART: u64 = 256 * 1024;
/// Parts that are searched of every file. Whoever writes captions writes them, or their padding, into each picture.
const FEW: u64 = 6;
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
}

impl Search {
    /// Where to look first, in a file of so many bytes.
    pub fn first_parts(size_bytes: u64) -> Vec<Range<u64>> {
        spread(size_bytes, FEW)
    }

    /// Where to look as well, after the first parts.
    pub fn further_parts(&self, size_bytes: u64) -> Vec<Range<u64>> {
        if self.carried && self.channels().is_empty() && size_bytes > FEW * PART {
            spread(size_bytes, MANY)
        } else {
            Vec::new()
        }
    }

    /// Looks into a part.
    pub fn add(&mut self, part: &[u8]) {
        // What a field's bytes belong to, from one picture to the next.
        let mut fields = [Field::default(); 2];
        let mut rest = part;
        while let Some(at) = find(rest) {
            rest = &rest[at + MARK.len()..];
            for [head, first, second] in triples(rest).into_iter().flatten() {
                self.carried = true;
                let (is_valid, kind) = (head & 0x04 != 0, usize::from(head & 0x03));
                // 2 and 3 are of CEA-708, which MediaConvert makes no text of.
                if let Some(field) = fields.get_mut(kind).filter(|_| is_valid) {
                    self.pair(kind, field, [first & 0x7F, second & 0x7F]);
                }
            }
        }
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

    /// Numbers of the channels in which something is said, 1 to 4.
    pub fn channels(&self) -> Vec<u8> {
        let [first, second, ..] = self.channels;
        let presumed = self.unclear && !first && !second;
        let said = (1..).zip(self.channels);
        said.filter(|(number, said)| *said || (*number == 1 && presumed))
            .map(|(number, _)| number)
            .collect()
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

fn find(bytes: &[u8]) -> Option<usize> {
    bytes.windows(MARK.len()).position(|window| window == MARK)
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

/// The whole of a small file, and evenly spread parts of another, with the first and the last.
fn spread(size_bytes: u64, count: u64) -> Vec<Range<u64>> {
    if size_bytes == 0 {
        return Vec::new();
    }
    let (count, length) = if size_bytes <= count * PART {
        (1, size_bytes)
    } else {
        (count, PART)
    };
    let step = (size_bytes - length) / (count - 1).max(1);
    let starts = (0..count).map(|number| number * step);
    starts.map(|start| start..start + length).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MANY, PART, Search, spread};

    /// A picture's user data, with these pairs of a field.
    fn picture(field: u8, pairs: &[[u8; 2]]) -> Vec<u8> {
        let count = u8::try_from(pairs.len()).unwrap();
        let mut bytes = b"\x00\x00\x00\x01\x06\x04\x40\xB5\x00\x31GA94\x03".to_vec();
        bytes.extend([0x40 | count, 0xFF]);
        for [first, second] in pairs {
            bytes.extend([0xFC | field, odd(*first), odd(*second)]);
        }
        bytes.push(0xFF);
        bytes.extend([7; 100]);
        bytes
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
        fn parts_lie_in_the_file(size in 0u64..1 << 42) {
            for parts in [Search::first_parts(size), spread(size, MANY)] {
                prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= size));
                let read: u64 = parts.iter().map(|part| part.end - part.start).sum();
                prop_assert!(read <= MANY * PART);
                prop_assert_eq!(parts.last().map_or(0, |part| part.end) > size.saturating_sub(MANY), size > 0);
            }
        }
    }
}

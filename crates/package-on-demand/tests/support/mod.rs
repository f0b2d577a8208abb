//! What tests of several files share: reading a source as a caller does, and files made without an encoder.
#![allow(dead_code, reason = "each test program uses a part")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::ops::Range;

use package_on_demand::{Index, Package, Reader, Refusal, Resource, Step, package};

/// What was read to find a header.
pub(crate) type Reads = Vec<Range<u64>>;

/// Bytes of a range.
pub(crate) fn slice(bytes: &[u8], range: &Range<u64>) -> Vec<u8> {
    bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
}

/// Reads a source's header and plans it.
pub(crate) fn plan(file: &[u8]) -> Result<(Package, Reads), Refusal> {
    let mut reader = Reader::new(file.len() as u64);
    let mut reads = Vec::new();
    loop {
        match reader.step()? {
            Step::Read(range) => {
                reader.provide(slice(file, &range))?;
                reads.push(range);
            }
            Step::Done(source) => return Ok((package(&source)?, reads)),
        }
    }
}

/// Makes everything that a player may ask for, by name.
pub(crate) fn all_resources(file: &[u8], index_bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let index = Index::read(index_bytes).unwrap();
    assert_eq!(index.source_len(), file.len() as u64);
    let make = |resource| match resource {
        Resource::Multivariant => index.multivariant_playlist().into_bytes(),
        Resource::Media { rendition } => index.media_playlist(rendition).unwrap().into_bytes(),
        Resource::Init {
            rendition,
            description,
        } => index.init_segment(rendition, description).unwrap(),
        Resource::Segment { rendition, number } => {
            let range = index.entry_range(rendition, number).unwrap();
            let segment = index
                .segment(rendition, number, &slice(index_bytes, &range))
                .unwrap();
            let parts: Vec<_> = segment
                .reads()
                .iter()
                .map(|read| slice(file, read))
                .collect();
            segment.fragment(&parts).unwrap()
        }
    };
    index
        .resources()
        .map(|resource| (resource.to_string(), make(resource)))
        .collect()
}

/// A box.
pub(crate) fn atom(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let len = u32::try_from(8 + body.len()).unwrap();
    [&len.to_be_bytes(), &kind[..], &body].concat()
}

/// Numbers of 32 bits.
pub(crate) fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<u8> {
    numbers.into_iter().flat_map(u32::to_be_bytes).collect()
}

/// A film of H.264 and AAC that nobody encoded: its tables are as a camera writes them, its samples are counted numbers.
pub(crate) struct Film {
    pub(crate) frames: u32,
    /// Three and one, or the pattern of its groups doesn't fit.
    pub(crate) key_frame_every: u32,
    pub(crate) frame_bytes: u32,
    /// How much later than the picture the sound starts.
    pub(crate) sound_delay_ms: u32,
}

const FRAME_RATE: u32 = 30;
const SAMPLE_RATE: u32 = 48_000;
const SOUND_BYTES: u32 = 171;

impl Film {
    /// Sizes of all chunks: half a second of picture, half a second of sound, in turns.
    fn sound_frames(&self) -> u32 {
        let samples = u64::from(self.frames) * u64::from(SAMPLE_RATE) / u64::from(FRAME_RATE);
        u32::try_from(samples / 1024).unwrap()
    }

    fn frame_size(&self, number: u32) -> u32 {
        let is_key = number.is_multiple_of(self.key_frame_every);
        let factor = if is_key { 8 } else { 1 };
        self.frame_bytes * factor + number % 7
    }

    /// `ftyp`, `mdat` header and `moov`, and how many bytes lie between the last two.
    pub(crate) fn header(&self) -> (Vec<u8>, u64, Vec<u8>) {
        let ftyp = atom(*b"ftyp", &[b"isom\0\0\0\0isom"]);
        let (mut picture_chunks, mut sound_chunks) = (Vec::new(), Vec::new());
        let (mut frame, mut sound) = (0, 0);
        let start = ftyp.len() as u64 + 16;
        let mut offset = start;
        while frame < self.frames {
            picture_chunks.push(offset);
            for _ in 0..FRAME_RATE / 2 {
                if frame < self.frames {
                    offset += u64::from(self.frame_size(frame));
                    frame += 1;
                }
            }
            sound_chunks.push(offset);
            for _ in 0..23 {
                if sound < self.sound_frames() {
                    offset += u64::from(SOUND_BYTES);
                    sound += 1;
                }
            }
        }
        sound_chunks.push(offset);
        offset += u64::from(SOUND_BYTES) * u64::from(self.sound_frames() - sound);
        let media = offset - start;
        let mdat = [
            numbers([1]),
            b"mdat".to_vec(),
            (media + 16).to_be_bytes().to_vec(),
        ]
        .concat();
        let moov = self.moov(&picture_chunks, &sound_chunks, sound);
        ([ftyp, mdat].concat(), media, moov)
    }

    /// The whole file.
    pub(crate) fn file(&self) -> Vec<u8> {
        let (mut file, media, moov) = self.header();
        file.extend((0..media).map(|byte| byte.to_le_bytes()[0]));
        file.extend(moov);
        file
    }

    fn moov(
        &self,
        picture_chunks: &[u64],
        sound_chunks: &[u64],
        interleaved_sound: u32,
    ) -> Vec<u8> {
        let avcc = atom(
            *b"avcC",
            &[&[1, 0x64, 0, 0x28, 0xff, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68]],
        );
        let mut visual = vec![0; 78];
        visual[7] = 1;
        visual[24..28].copy_from_slice(&[7, 128, 4, 56]);
        let picture_entry = atom(*b"avc1", &[&visual, &avcc]);
        // I P B B P B B …: what is shown starts two frames after what is decoded.
        let offset = |frame: u32| match frame % self.key_frame_every {
            0 => 2,
            number if number % 3 == 1 => 4,
            _ => 1,
        };
        let offsets = (0..self.frames).flat_map(|frame| [1, offset(frame)]);
        let picture = [
            atom(*b"stts", &[&numbers([0, 1, self.frames, 1])]),
            atom(*b"ctts", &[&numbers([0, self.frames]), &numbers(offsets)]),
            atom(
                *b"stss",
                &[
                    &numbers([0, self.frames.div_ceil(self.key_frame_every)]),
                    &numbers(
                        (0..self.frames)
                            .step_by(self.key_frame_every as usize)
                            .map(|frame| frame + 1),
                    ),
                ],
            ),
            atom(
                *b"stsz",
                &[
                    &numbers([0, 0, self.frames]),
                    &numbers((0..self.frames).map(|frame| self.frame_size(frame))),
                ],
            ),
            atom(*b"stsc", &[&numbers([0, 1, 1, FRAME_RATE / 2, 1])]),
            co64(picture_chunks),
        ];
        let esds = [
            0, 0, 0, 0, 3, 0x19, 0, 2, 0, 4, 0x11, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
            2, 0x11, 0x90, 6, 1, 2,
        ];
        let mut audio = vec![0; 28];
        (audio[7], audio[17], audio[19]) = (1, 2, 16);
        let mp4a = atom(*b"mp4a", &[&audio, &atom(*b"esds", &[&esds])]);
        let sound_frames = self.sound_frames();
        let last = u32::try_from(sound_chunks.len()).unwrap();
        let sound = [
            atom(*b"stts", &[&numbers([0, 1, sound_frames, 1024])]),
            atom(*b"stsz", &[&numbers([0, SOUND_BYTES, sound_frames])]),
            atom(
                *b"stsc",
                &[&numbers([
                    0,
                    2,
                    1,
                    23,
                    1,
                    last,
                    (sound_frames - interleaved_sound).max(1),
                    1,
                ])],
            ),
            co64(sound_chunks),
        ];
        let mvhd = atom(*b"mvhd", &[&numbers([0, 0, 0, 1000, 0]), &[0; 80]]);
        atom(
            *b"moov",
            &[
                &mvhd,
                &trak(
                    1,
                    *b"vide",
                    FRAME_RATE,
                    &picture_entry,
                    &picture.concat(),
                    &[(0, 2)],
                ),
                &trak(
                    2,
                    *b"soun",
                    SAMPLE_RATE,
                    &mp4a,
                    &sound.concat(),
                    &[(self.sound_delay_ms, u32::MAX), (0, 1024)],
                ),
            ],
        )
    }
}

fn co64(chunks: &[u64]) -> Vec<u8> {
    let count = u32::try_from(chunks.len()).unwrap();
    let offsets: Vec<u8> = chunks
        .iter()
        .flat_map(|offset| offset.to_be_bytes())
        .collect();
    atom(*b"co64", &[&numbers([0, count]), &offsets])
}

fn trak(
    id: u32,
    handler: [u8; 4],
    scale: u32,
    entry: &[u8],
    tables: &[u8],
    edit_list: &[(u32, u32)],
) -> Vec<u8> {
    let matrix = numbers([0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]);
    let tkhd = atom(
        *b"tkhd",
        &[
            &numbers([7, 0, 0, id, 0, 0, 0, 0, 0, 0]),
            &matrix,
            &numbers([1920 << 16, 1080 << 16]),
        ],
    );
    let rows = edit_list
        .iter()
        .flat_map(|(duration, media_time)| [*duration, *media_time, 0x1_0000]);
    let count = u32::try_from(edit_list.len()).unwrap();
    let elst = atom(*b"elst", &[&numbers([0, count]), &numbers(rows)]);
    let mdhd = atom(
        *b"mdhd",
        &[&numbers([0, 0, 0, scale, 0]), &[0x55, 0xc4, 0, 0]],
    );
    let hdlr = atom(*b"hdlr", &[&numbers([0, 0]), &handler, &[0; 13]]);
    let stsd = atom(*b"stsd", &[&numbers([0, 1]), entry]);
    let stbl = atom(*b"stbl", &[&stsd, tables]);
    let minf = atom(*b"minf", &[&stbl]);
    atom(
        *b"trak",
        &[
            &tkhd,
            &atom(*b"edts", &[&elst]),
            &atom(*b"mdia", &[&mdhd, &hdlr, &minf]),
        ],
    )
}

//! A `moov` box: tracks, their kinds, times, languages and tables.

use crate::Refusal;
use crate::boxes::{Cursor, child, children};
use crate::description::{self, RawDescription};
use crate::edits::{self, Presentation};
use crate::language;
use crate::limits::MAX_TRACKS;
use crate::reader::Source;
use crate::tables::{Sample, Tables};

/// What a track holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Picture,
    Sound,
    /// Time codes, captions, locations, chapters and the like.
    Other,
}

/// A track of a source.
#[derive(Clone, Debug)]
pub(crate) struct Track<'a> {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
    pub(crate) is_enabled: bool,
    /// Display matrix, as `tkhd` has it: a to w.
    pub(crate) matrix: [i32; 9],
    /// Size as it is shown before the matrix, in 1/65536 pixels.
    pub(crate) size: (u32, u32),
    /// Units a second.
    pub(crate) timescale: u32,
    /// BCP 47 tag.
    pub(crate) language: Option<String>,
    pub(crate) descriptions: Vec<RawDescription<'a>>,
    /// Which data references lie in this very file.
    own_references: Vec<bool>,
    elst: Option<&'a [u8]>,
    stbl: &'a [u8],
}

/// The tracks of a source.
#[derive(Clone, Debug)]
pub(crate) struct Movie<'a> {
    /// Units a second.
    pub(crate) timescale: u32,
    pub(crate) tracks: Vec<Track<'a>>,
}

impl<'a> Movie<'a> {
    pub(crate) fn read(moov: &'a [u8]) -> Result<Self, Refusal> {
        if child(moov, *b"cmov").is_some() {
            return Err(Refusal::Damaged("its index is compressed"));
        }
        let timescale = child(moov, *b"mvhd")
            .and_then(time_scale)
            .ok_or(Refusal::Damaged("it has no time scale"))?;
        let mut tracks = Vec::new();
        for (_, trak) in children(moov).filter(|(kind, _)| kind == b"trak") {
            if tracks.len() >= MAX_TRACKS {
                return Err(Refusal::TooLarge("too many tracks"));
            }
            tracks.extend(Track::read(trak));
        }
        Ok(Self { timescale, tracks })
    }
}

/// The number of a `trak` box.
pub(crate) fn track_id(trak: &[u8]) -> Option<u32> {
    let mut cursor = Cursor(child(trak, *b"tkhd")?);
    let (version, _) = cursor.version_and_flags()?;
    cursor.skip(if version == 1 { 16 } else { 8 })?;
    cursor.u32()
}

/// The `stbl` box of a `trak` box.
pub(crate) fn sample_table_box(trak: &[u8]) -> Option<&[u8]> {
    child(child(child(trak, *b"mdia")?, *b"minf")?, *b"stbl")
}

/// The time scale of an `mvhd` or `mdhd` box.
fn time_scale(body: &[u8]) -> Option<u32> {
    let mut cursor = Cursor(body);
    let (version, _) = cursor.version_and_flags()?;
    cursor.skip(if version == 1 { 16 } else { 8 })?;
    cursor.u32().filter(|scale| *scale > 0)
}

impl<'a> Track<'a> {
    /// Reads a track; `None` where it lacks what every track has, as data tracks of some cameras do.
    fn read(trak: &'a [u8]) -> Option<Self> {
        let mdia = child(trak, *b"mdia")?;
        let mut hdlr = Cursor(child(mdia, *b"hdlr")?);
        hdlr.skip(8)?;
        let kind = match &hdlr.four_cc()? {
            b"vide" => Kind::Picture,
            b"soun" => Kind::Sound,
            _ => Kind::Other,
        };
        let minf = child(mdia, *b"minf")?;
        let stbl = child(minf, *b"stbl")?;

        let mut tkhd = Cursor(child(trak, *b"tkhd")?);
        let (version, flags) = tkhd.version_and_flags()?;
        tkhd.skip(if version == 1 { 16 } else { 8 })?;
        let id = tkhd.u32()?;
        tkhd.skip(4 + if version == 1 { 8 } else { 4 } + 16)?;
        let mut matrix = [0; 9];
        for cell in &mut matrix {
            *cell = tkhd.i32()?;
        }
        let size = (tkhd.u32()?, tkhd.u32()?);

        let mdhd = child(mdia, *b"mdhd")?;
        let timescale = time_scale(mdhd)?;
        let mut cursor = Cursor(mdhd);
        let (version, _) = cursor.version_and_flags()?;
        cursor.skip(if version == 1 { 28 } else { 16 })?;
        let packed = cursor.u16().and_then(language::from_packed);
        let extended = child(mdia, *b"elng")
            .and_then(|elng| std::str::from_utf8(elng.get(4..)?).ok())
            .and_then(|tag| language::shortest(tag.trim_end_matches('\0')));

        Some(Self {
            id,
            kind,
            is_enabled: flags & 1 != 0,
            matrix,
            size,
            timescale,
            language: extended.or(packed),
            descriptions: description::read_list(child(stbl, *b"stsd")?),
            own_references: own_references(minf),
            elst: child(trak, *b"edts").and_then(|edts| child(edts, *b"elst")),
            stbl,
        })
    }

    /// Whether the samples of a description lie in this very file.
    pub(crate) fn is_own(&self, description: &RawDescription<'_>) -> bool {
        // A track without references, or with a wrong number, has its samples here: there is nowhere else.
        description
            .data_reference()
            .and_then(|number| self.own_references.get(usize::from(number).checked_sub(1)?))
            .is_none_or(|is_own| *is_own)
    }

    /// What is presented of the track, and when.
    pub(crate) fn presentation(&self, movie_scale: u32) -> Result<Presentation, Refusal> {
        edits::read(self.elst, movie_scale, self.timescale)
    }

    /// The samples in the order of decoding, those of the tables first, then those of fragments. Each lies within the file.
    pub(crate) fn samples(
        &self,
        source: &'a Source,
    ) -> Result<impl Iterator<Item = Result<Sample, Refusal>> + use<'a>, Refusal> {
        let tables = Tables::read(self.stbl)?;
        let id = self.id;
        let of_fragments = source
            .fragments
            .iter()
            .flat_map(move |fragments| fragments.samples(id));
        let len = source.len;
        Ok(tables.samples().chain(of_fragments).map(move |sample| {
            let sample = sample?;
            let end = sample.offset.checked_add(sample.size.into());
            if end.is_none_or(|end| end > len) {
                return Err(Refusal::CutOff);
            }
            Ok(sample)
        }))
    }
}

fn own_references(minf: &[u8]) -> Vec<bool> {
    let dref = child(minf, *b"dinf").and_then(|dinf| child(dinf, *b"dref"));
    children(dref.and_then(|dref| dref.get(8..)).unwrap_or(&[]))
        .map(|(_, body)| Cursor(body).u32().is_some_and(|word| word & 1 == 1))
        .collect()
}

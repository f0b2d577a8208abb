//! Writes init segments and the heads of media segments.
//!
//! A rendition is one track without an edit list: times count from [`ORIGIN_SECONDS`], and what the source's edit list shifted is
//! in them. The display matrix is the source's.

use mp4_atom::{
    BufMut, Dinf, Dref, DrefEntry, Encode, FixedPoint, FourCC, Ftyp, Hdlr, Matrix, Mdhd, Mfhd,
    Moof, Mvex, Mvhd, Smhd, Stco, Stsc, Stsz, Stts, Styp, Tfdt, Tfhd, Tkhd, Traf, Trex, Trun,
    TrunEntry, Url, Vmhd,
};

use crate::description::written;
use crate::index::{Damage, Rendition, RenditionKind};
use crate::segment::Entry;

/// Seconds on the clock of the packaged tracks where the presentation starts. Decode times must not be negative, and those of a
/// picture that is reordered, or of sound before the cut of an edit list, lie before the start. Whole seconds are exact in every
/// time scale; ten is what Apple's own packagers use.
pub const ORIGIN_SECONDS: u64 = 10;

const TRACK_ID: u32 = 1;

/// Bytes of a media segment besides its media: `styp` 20, `moof` with `mfhd`, `traf`, `tfhd`, `tfdt` and `trun` 88, `mdat` 8, and
/// 16 for each sample.
pub(crate) fn overhead(samples: u32) -> u64 {
    20 + 88 + 8 + 16 * u64::from(samples)
}

/// Flags of a sample (ISO/IEC 14496-12, 8.8.3.1): depends on others and is no sync sample, or neither.
pub(crate) fn sample_flags(is_sync: bool) -> u32 {
    if is_sync { 0x0200_0000 } else { 0x0101_0000 }
}

/// Everything of a media segment but its media, of which `media_len` bytes follow.
pub(crate) fn head(
    entry: &Entry,
    samples: &[TrunEntry],
    media_len: usize,
) -> Result<Vec<u8>, Damage> {
    let mut bytes = Vec::with_capacity(
        media_len
            .saturating_add(16 * samples.len())
            .saturating_add(256),
    );
    let mdat = media_len
        .checked_add(8)
        .and_then(|len| u32::try_from(len).ok())
        .ok_or(Damage::Content)?;
    let styp = Styp {
        major_brand: FourCC::new(b"msdh"),
        minor_version: 0,
        compatible_brands: vec![FourCC::new(b"msdh")],
    };
    let moof = |data_offset| Moof {
        mfhd: Mfhd {
            sequence_number: entry.number,
        },
        traf: vec![Traf {
            tfhd: Tfhd {
                track_id: TRACK_ID,
                default_base_is_moof: true,
                ..Tfhd::default()
            },
            tfdt: Some(Tfdt {
                base_media_decode_time: entry.decode_time,
            }),
            trun: vec![Trun {
                data_offset: Some(data_offset),
                samples: samples.to_vec().into(),
            }],
            ..Traf::default()
        }],
    };
    // The media follow `moof` and the header of `mdat`.
    let mut first = Vec::new();
    let offset = moof(0)
        .encode(&mut first)
        .ok()
        .and_then(|()| i32::try_from(first.len() + 8).ok())
        .ok_or(Damage::Content)?;
    styp.encode(&mut bytes)
        .and_then(|()| moof(offset).encode(&mut bytes))
        .map_err(|_| Damage::Content)?;
    bytes.extend(mdat.to_be_bytes());
    bytes.extend(b"mdat");
    Ok(bytes)
}

/// The init segment of a rendition for one of its sample descriptions.
pub(crate) fn init(
    rendition: &Rendition,
    sample_entry: &[u8],
    coded_size: (u16, u16),
) -> Result<Vec<u8>, Damage> {
    write_init(rendition, sample_entry, coded_size).map_err(|_| Damage::Content)
}

fn write_init(
    rendition: &Rendition,
    sample_entry: &[u8],
    coded_size: (u16, u16),
) -> mp4_atom::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let ftyp = Ftyp {
        major_brand: FourCC::new(b"iso6"),
        minor_version: 0,
        compatible_brands: vec![FourCC::new(b"iso6"), FourCC::new(b"mp41")],
    };
    ftyp.encode(&mut bytes)?;
    let is_picture = matches!(rendition.kind, RenditionKind::Picture { .. });
    bytes.encode_atom(FourCC::new(b"moov"), |moov| {
        let mvhd = Mvhd {
            timescale: rendition.timescale,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: TRACK_ID + 1,
            ..Mvhd::default()
        };
        mvhd.encode(moov)?;
        moov.encode_atom(FourCC::new(b"trak"), |trak| {
            tkhd(rendition, coded_size).encode(trak)?;
            trak.encode_atom(FourCC::new(b"mdia"), |mdia| {
                let media_header = Mdhd {
                    timescale: rendition.timescale,
                    language: "und".to_owned(),
                    ..Mdhd::default()
                };
                media_header.encode(mdia)?;
                let (handler, name) = if is_picture {
                    (b"vide", "VideoHandler")
                } else {
                    (b"soun", "SoundHandler")
                };
                let hdlr = Hdlr {
                    handler: FourCC::new(handler),
                    name: name.to_owned(),
                };
                hdlr.encode(mdia)?;
                mdia.encode_atom(FourCC::new(b"minf"), |minf| {
                    if is_picture {
                        Vmhd::default().encode(minf)?;
                    } else {
                        Smhd::default().encode(minf)?;
                    }
                    let own = DrefEntry::Url(Url::default());
                    let dinf = Dinf {
                        dref: Dref { entries: vec![own] },
                    };
                    dinf.encode(minf)?;
                    minf.encode_atom(FourCC::new(b"stbl"), |stbl| {
                        stbl.extend(written(*b"stsd", |stsd| {
                            stsd.extend([0, 0, 0, 0, 0, 0, 0, 1]);
                            stsd.extend(sample_entry);
                        }));
                        Stts::default().encode(stbl)?;
                        Stsc::default().encode(stbl)?;
                        Stsz::default().encode(stbl)?;
                        Stco::default().encode(stbl)
                    })
                })
            })
        })?;
        let mvex = Mvex {
            trex: vec![Trex {
                track_id: TRACK_ID,
                default_sample_description_index: 1,
                ..Trex::default()
            }],
            ..Mvex::default()
        };
        mvex.encode(moov)
    })?;
    Ok(bytes)
}

fn tkhd(rendition: &Rendition, coded_size: (u16, u16)) -> Tkhd {
    let mut tkhd = Tkhd {
        track_id: TRACK_ID,
        enabled: true,
        in_movie: true,
        ..Tkhd::default()
    };
    match &rendition.kind {
        RenditionKind::Picture { matrix, size, .. } => {
            tkhd.matrix = Matrix {
                a: matrix[0],
                b: matrix[1],
                u: matrix[2],
                c: matrix[3],
                d: matrix[4],
                v: matrix[5],
                x: matrix[6],
                y: matrix[7],
                w: matrix[8],
            };
            (tkhd.width, tkhd.height) = if size.0 == 0 || size.1 == 0 {
                (coded_size.0.into(), coded_size.1.into())
            } else {
                (fixed_point(size.0), fixed_point(size.1))
            };
        }
        RenditionKind::Sound { .. } => tkhd.volume = 1.into(),
    }
    tkhd
}

fn fixed_point(number: u32) -> FixedPoint<u16> {
    let [a, b, c, d] = number.to_be_bytes();
    FixedPoint::new(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

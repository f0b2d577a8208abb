//! What one source may cost at most, so that no file, however it was made, takes more than its share.
//!
//! Every number is checked before memory is asked for or a loop is entered. A source beyond a limit is refused with
//! [`Refusal`](crate::Refusal) and waits for the conversion.

/// Boxes at the top level of a file. A fragmented recording has two a fragment: this is 27 hours of two-second fragments.
pub const MAX_TOP_LEVEL_BOXES: u32 = 100_000;

/// Reads of the source while its header is looked for. A fragmented file takes one a fragment.
pub const MAX_READS: u32 = 60_000;

/// Bytes of a `moov` box, which is held in memory. That of a two-hour film has 8 MB; 24 hours at 60 frames a second have 120 MB
/// and are refused.
pub const MAX_MOOV_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of a `moof` box, which is held in memory. A fragment of ten seconds has 16 KB.
pub const MAX_MOOF_BYTES: u64 = 4 * 1024 * 1024;

/// Boxes directly inside one other box. A `stbl` has some twenty; some recorders write a `trun` for each sample.
pub const MAX_CHILD_BOXES: usize = 16_384;

/// Tracks of a movie, those that are left out among them. Cameras write up to ten.
pub const MAX_TRACKS: usize = 64;

/// Sample descriptions of one track. Recorders that are stopped and started write one a take.
pub const MAX_DESCRIPTIONS: usize = 64;

/// Bytes of one sample description. An `hvcC` with its parameter sets has a few hundred.
pub const MAX_DESCRIPTION_BYTES: usize = 64 * 1024;

/// Edits of one track.
pub const MAX_EDITS: usize = 256;

/// Samples that are gone through, those of the picture twice: 24 hours of 30 frames a second and of two sound tracks take 13
/// million.
pub const MAX_SAMPLES: u64 = 16_000_000;

/// Samples of a fragmented file, which are held in memory, 16 bytes each: at most 64 MiB.
pub const MAX_FRAGMENT_SAMPLES: usize = 4_000_000;

/// Seconds that a source may last, which bounds its segments and the playlists.
pub const MAX_SECONDS: u64 = 24 * 60 * 60;

/// Bytes of one segment, its `moof` among them. A Lambda function answers at most 6 MB, and what isn't text goes in Base64, four
/// bytes for three: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub const MAX_SEGMENT_BYTES: u64 = 4_400_000;

/// Seconds that a segment lasts where the key frames allow a choice. HLS recommends six:
/// <https://developer.apple.com/documentation/http-live-streaming/hls-authoring-specification-for-apple-devices>.
pub const TARGET_SEGMENT_SECONDS: u64 = 6;

/// Seconds of sound beyond the end of the picture that still go into its last segment: a segment of less is a request for little.
pub const MIN_SEGMENT_SECONDS: u64 = 2;

/// Seconds after which a segment is cut at the next key frame in any case.
pub const LONG_SEGMENT_SECONDS: u64 = 10;

/// Seconds that lie at most between two key frames. An encoder's 250 frames are 25 seconds at 10 frames a second; beyond it,
/// seeking takes too long to be called that.
pub const MAX_SEGMENT_SECONDS: u64 = 30;

/// Bytes of other tracks that are read along, rather than that a second request is made: what S3 sends in the 20 ms or so that a
/// request takes.
pub const MAX_HOLE_BYTES: u64 = 512 * 1024;

/// Reads of the source for one segment. Beyond it, the smallest holes are read along.
pub const MAX_SEGMENT_READS: usize = 8;

/// Bytes that all reads of the source for one segment take together. Sound that is interleaved with a picture of 25 Mbit/s reads
/// most of the picture's ten seconds.
pub const MAX_SEGMENT_READ_BYTES: u64 = 40_000_000;

/// Seconds by which the sound may start before the picture. What comes before the picture isn't played, since not every player
/// waits without one.
pub const MAX_SOUND_LEAD_SECONDS: f64 = 0.25;

/// Bytes of an index's head. That of a two-hour film has some 30 KB.
pub const MAX_INDEX_HEAD_BYTES: usize = 4 * 1024 * 1024;

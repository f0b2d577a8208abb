//! Why a source can't be packaged.

/// Why a source can't be packaged on demand. It then waits for the conversion.
///
/// The text is a sentence for the person who uploaded it; [`code`](Self::code) is the word for records, logs and metrics.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Neither MP4 nor `QuickTime`.
    #[error("The file is no MP4 or QuickTime file.")]
    NotMp4,
    /// The file has no `moov` box.
    #[error("The file has no index (moov): its recording or its upload was cut off.")]
    NoMovie,
    /// A box or a table can't be true.
    #[error("The file is damaged: {0}.")]
    Damaged(&'static str),
    /// The samples lie outside of the file.
    #[error("The file is cut off: its index names bytes that aren't there.")]
    CutOff,
    /// A limit of [`crate::limits`].
    #[error("The file is larger than what plays before it is converted: {0}.")]
    TooLarge(&'static str),
    /// Encrypted samples.
    #[error("The file is encrypted.")]
    Encrypted,
    /// The media lie in other files.
    #[error("The file refers to other files for its picture or sound.")]
    External,
    /// Neither a picture nor sound.
    #[error("The file has neither a picture nor sound.")]
    NoMedia,
    /// A picture that browsers don't play.
    #[error("Browsers don't play the picture as it is ({0}).")]
    PictureCodec(String),
    /// Sound that browsers don't play.
    #[error("Browsers don't play the sound as it is ({0}).")]
    SoundCodec(String),
    /// More than one picture of the same standing.
    #[error("The file has several pictures.")]
    SeveralPictures,
    /// No sample of the picture can be decoded by itself.
    #[error("The picture has no key frame to start at.")]
    NoKeyFrames,
    /// A segment would last too long.
    #[error("The picture's key frames lie more than {0} seconds apart.")]
    KeyFramesApart(u64),
    /// A segment would be too large to answer.
    #[error("The bit rate is too high: what lies between two key frames has {0} bytes.")]
    SegmentTooLarge(u64),
    /// The samples of a segment lie too far apart in the file.
    #[error("Picture and sound lie too far apart in the file to be read piece by piece.")]
    Scattered,
    /// An edit list beyond a delay and a cut.
    #[error("The file's edit list joins several pieces or changes the speed.")]
    EditList,
    /// An edit that starts between two key frames.
    #[error("The film was cut to start between two key frames.")]
    EditBetweenKeyFrames,
    /// The sound starts long before the picture.
    #[error("The sound starts long before the picture.")]
    SoundLeads,
    /// Sound whose description changes in between.
    #[error("The sound's format changes in between.")]
    SoundChanges,
    /// Parameter sets are in the samples only.
    #[error("The picture's parameters are told only within the picture.")]
    NoParameterSets,
}

impl Refusal {
    /// The stable word for records, logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotMp4 => "NOT_MP4",
            Self::NoMovie => "NO_MOVIE",
            Self::Damaged(_) => "DAMAGED",
            Self::CutOff => "CUT_OFF",
            Self::TooLarge(_) => "TOO_LARGE",
            Self::Encrypted => "ENCRYPTED",
            Self::External => "EXTERNAL_MEDIA",
            Self::NoMedia => "NO_MEDIA",
            Self::PictureCodec(_) => "PICTURE_CODEC",
            Self::SoundCodec(_) => "SOUND_CODEC",
            Self::SeveralPictures => "SEVERAL_PICTURES",
            Self::NoKeyFrames => "NO_KEY_FRAMES",
            Self::KeyFramesApart(_) => "KEY_FRAMES_APART",
            Self::SegmentTooLarge(_) => "SEGMENT_TOO_LARGE",
            Self::Scattered => "SCATTERED",
            Self::EditList => "EDIT_LIST",
            Self::EditBetweenKeyFrames => "EDIT_BETWEEN_KEY_FRAMES",
            Self::SoundLeads => "SOUND_LEADS",
            Self::SoundChanges => "SOUND_CHANGES",
            Self::NoParameterSets => "NO_PARAMETER_SETS",
        }
    }
}

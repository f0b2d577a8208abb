//! What can be watched once a job is complete.

use super::{GroupKind, Job, Made, Playback, Rendition, RenditionKind, Stills, Thumbnails};
use crate::job_event::{OutputDetail, OutputGroupDetail};
use crate::output::{OutputFolder, POSTER, THUMBNAIL};
use crate::profile::Packaging;
use crate::time::Timestamp;

impl Playback {
    /// What follows from our own naming, where nobody knows any more what the job made.
    pub fn by_name(video_id: &str, revision: &str, packaging: Packaging) -> Self {
        let mut forgotten = Job::claimed(Timestamp::from_unix_ms(0));
        forgotten.making.packaging = packaging;
        Self::new(video_id, revision, &forgotten, &[])
    }

    /// True where captions can be added to it: they are a track of both manifests.
    pub fn takes_captions(&self) -> bool {
        self.hls.is_some() && self.dash.is_some()
    }

    /// Joins what was planned with what COMPLETE reports. Every path follows from our own naming; the event
    /// adds figures, and may lack any of them. What part of an upload it is, the job doesn't know.
    pub(super) fn new(
        video_id: &str,
        revision: &str,
        job: &Job,
        groups: &[OutputGroupDetail],
    ) -> Self {
        let folder = OutputFolder { video_id, revision };
        let making = &job.making;
        let is_file = making.packaging == Packaging::Mp4;
        let has_dash = matches!(making.packaging, Packaging::Cmaf | Packaging::Audio);
        let found = making.found(groups);
        let detail = |wanted: Made<'_>| {
            let mut found = found.iter();
            found
                .find(|(made, _)| *made == wanted)
                .map(|(_, detail)| *detail)
        };
        let mut renditions = making.renditions.clone();
        for (rendition, planned) in renditions.iter_mut().zip(&making.renditions) {
            if let Some(detail) = detail(Made::Rendition(planned)) {
                rendition.measure(detail);
            }
        }
        Self {
            revision: revision.to_owned(),
            duration_ms: if is_file {
                // Captures in the same group may last longer by their interval.
                let detail = making
                    .renditions
                    .first()
                    .map(Made::Rendition)
                    .and_then(detail);
                detail.and_then(|detail| positive(detail.duration_in_ms))
            } else {
                duration_ms(groups, making.streams())
            },
            hls: (!is_file).then(|| folder.hls()),
            dash: has_dash.then(|| folder.dash()),
            edition: None,
            clip: None,
            file: making.file(folder),
            poster: making.stills.as_ref().map(|stills| {
                // The first frame is captured always, and is number 0.
                let number = u32::from(stills.poster_second > 0);
                let detail = detail(Made::Poster(stills));
                let count = detail.and_then(|detail| captures(detail, stills.poster_second));
                // A video shorter than it seemed ends before the poster: then the last capture is the only one.
                let last = count.map_or(number, |count| count.saturating_sub(1));
                folder.still(POSTER, last.min(number))
            }),
            thumbnails: making.stills.as_ref().and_then(|stills| {
                let detail = detail(Made::Thumbnails(stills));
                thumbnails(folder, stills, detail)
            }),
            renditions,
            left_out: making.left_out.clone(),
        }
    }
}

fn thumbnails(
    folder: OutputFolder<'_>,
    stills: &Stills,
    detail: Option<&OutputDetail>,
) -> Option<Thumbnails> {
    let count = detail.and_then(|detail| captures(detail, stills.thumbnail_seconds));
    Some(Thumbnails {
        first: folder.still(THUMBNAIL, 0),
        count: count.or(stills.thumbnail_count)?,
        interval_seconds: stills.thumbnail_seconds,
        width: stills.thumbnail_width,
        height: stills.thumbnail_height,
    })
}

/// How many frames were captured, one every `seconds`: by the number in the last one's name, or, where `GetJob` tells
/// no names, by the length, which is their number times the interval.
/// Source: <https://docs.aws.amazon.com/mediaconvert/latest/ug/ev_status_complete.html>.
fn captures(detail: &OutputDetail, seconds: u32) -> Option<u32> {
    let last = detail.output_file_paths.last();
    if let Some(number) = last.and_then(|path| capture_number(path)) {
        return Some(number.saturating_add(1));
    }
    let length = positive(detail.duration_in_ms)? / 1000 / u64::from(seconds.max(1));
    u32::try_from(length).ok().filter(|count| *count > 0)
}

/// The longest of the streams. Files may be shorter, or last longer by the interval of their captures.
fn duration_ms(groups: &[OutputGroupDetail], kind: GroupKind) -> Option<u64> {
    let streams = groups
        .iter()
        .filter(|group| group.r#type.as_deref() == Some(kind.as_str()));
    let outputs = streams.flat_map(|group| &group.output_details);
    outputs
        .filter_map(|detail| positive(detail.duration_in_ms))
        .max()
}

impl Rendition {
    fn measure(&mut self, detail: &OutputDetail) {
        if self.kind != RenditionKind::Video {
            return;
        }
        let picture = &detail.video_details;
        let pixels = |value| positive(value).and_then(|value| u32::try_from(value).ok());
        self.width = pixels(picture.width_in_px).or(self.width);
        self.height = pixels(picture.height_in_px).or(self.height);
        self.average_bitrate = positive(picture.average_bitrate);
        self.qvbr_quality = picture.qvbr_avg_quality;
    }
}

/// 12 of `….0000012.jpg`.
fn capture_number(path: &str) -> Option<u32> {
    path.strip_suffix(".jpg")?.rsplit('.').next()?.parse().ok()
}

fn positive(value: Option<i64>) -> Option<u64> {
    value
        .and_then(|value| u64::try_from(value).ok())
        .filter(|value| *value > 0)
}

#[cfg(test)]
mod tests {
    use super::{captures, thumbnails};
    use crate::job_event::OutputDetail;
    use crate::output::OutputFolder;
    use crate::video::Stills;

    fn detail(path: Option<&str>, duration_in_ms: Option<i64>) -> OutputDetail {
        OutputDetail {
            output_file_paths: path.map(str::to_owned).into_iter().collect(),
            duration_in_ms,
            ..OutputDetail::default()
        }
    }

    #[test]
    fn captures_are_counted_by_the_last_name_or_by_the_length() {
        let count = |path, length| captures(&detail(path, length), 5);
        assert_eq!(
            count(Some("s3://b/v/r/video_thumb.0000036.jpg"), None),
            Some(37)
        );
        assert_eq!(count(None, Some(185_000)), Some(37));
        assert_eq!(count(Some("s3://b/v/r/video_thumb.jpg"), None), None);
        assert_eq!(count(None, Some(0)), None);
    }

    #[test]
    fn a_job_that_says_nothing_leaves_the_thumbnails_that_were_planned() {
        let folder = OutputFolder {
            video_id: "v",
            revision: "r",
        };
        let stills = Stills {
            poster_second: 5,
            thumbnail_seconds: 2,
            thumbnail_count: Some(30),
            thumbnail_width: 320,
            thumbnail_height: 180,
        };
        let count = |detail| thumbnails(folder, &stills, detail).map(|thumbnails| thumbnails.count);
        assert_eq!(count(None), Some(30));
        assert_eq!(count(Some(&detail(None, Some(62_000)))), Some(31));
        let unknown = Stills {
            thumbnail_count: None,
            ..stills
        };
        assert_eq!(thumbnails(folder, &unknown, None), None);
    }
}

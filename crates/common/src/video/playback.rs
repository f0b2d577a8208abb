//! What can be watched once a job is complete.

use super::{Job, Playback, Rendition, RenditionKind, Thumbnails};
use crate::job_event::{OutputDetail, OutputGroupDetail};
use crate::output::{OutputFolder, POSTER, THUMBNAIL};

impl Playback {
    /// Joins what was planned with what COMPLETE reports. Every path follows from our own naming; the event
    /// adds figures, and may lack any of them.
    pub(super) fn new(
        video_id: &str,
        revision: &str,
        job: &Job,
        groups: &[OutputGroupDetail],
    ) -> Self {
        let folder = OutputFolder { video_id, revision };
        let streams = group(groups, "CMAF_GROUP");
        let stills = group(groups, "FILE_GROUP");
        let mut renditions = job.renditions.clone();
        for (rendition, detail) in renditions.iter_mut().zip(streams) {
            rendition.measure(detail);
        }
        let last = |index| {
            stills
                .get(index)
                .and_then(|detail: &OutputDetail| detail.output_file_paths.last())
        };
        Self {
            revision: revision.to_owned(),
            duration_ms: streams
                .iter()
                .filter_map(|detail| positive(detail.duration_in_ms))
                .max(),
            hls: folder.hls(),
            dash: folder.dash(),
            poster: job.stills.map(|planned| {
                // A video shorter than it seemed ends before the poster: then the last capture is the only one.
                let number = last(0).and_then(|path| capture_number(path));
                folder.still(
                    POSTER,
                    number
                        .unwrap_or(planned.poster_number)
                        .min(planned.poster_number),
                )
            }),
            thumbnails: job.stills.and_then(|planned| {
                let number = last(1).and_then(|path| capture_number(path))?;
                Some(Thumbnails {
                    first: folder.still(THUMBNAIL, 0),
                    count: number.saturating_add(1),
                    interval_seconds: planned.thumbnail_seconds,
                    width: planned.thumbnail_width,
                    height: planned.thumbnail_height,
                })
            }),
            renditions,
        }
    }
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

/// The outputs of the first group of this type; none where the event has no such group.
fn group<'a>(groups: &'a [OutputGroupDetail], kind: &str) -> &'a [OutputDetail] {
    groups
        .iter()
        .find(|group| group.r#type.as_deref() == Some(kind))
        .map_or(&[], |group| group.output_details.as_slice())
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
    use super::capture_number;

    #[test]
    fn reads_the_number_of_a_capture() {
        assert_eq!(
            capture_number("s3://b/v/r/video_thumb.0000012.jpg"),
            Some(12)
        );
        assert_eq!(capture_number("s3://b/v/r/video_thumb.jpg"), None);
    }
}

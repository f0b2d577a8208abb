//! Where a revision's output lies and how its files are called. MediaConvert's events and `GetJob` may leave
//! paths out, so every path follows from here.

use crate::captions;

/// Name modifier of the poster.
pub const POSTER: &str = "_poster";
/// Name modifier of the thumbnails.
pub const THUMBNAIL: &str = "_thumb";
/// Name modifier of the file to download.
pub const DOWNLOAD: &str = "_download";

/// Base name of every file of a revision. Set by us, so that odd upload names stay out of URLs.
const BASE: &str = "video";

/// The folder of one revision in the converted bucket: `{id}/{revision}/`.
#[derive(Clone, Copy, Debug)]
pub struct OutputFolder<'a> {
    /// The video's id.
    pub video_id: &'a str,
    /// The revision.
    pub revision: &'a str,
}

impl OutputFolder<'_> {
    /// MediaConvert's `destination`: folder and base name. A trailing slash instead of the base name would
    /// name the files after the upload.
    pub fn destination(&self, bucket: &str) -> String {
        format!("s3://{bucket}/{}", self.key(""))
    }

    /// Key of the HLS multivariant playlist.
    pub fn hls(&self) -> String {
        self.key(".m3u8")
    }

    /// Key of the DASH manifest.
    pub fn dash(&self) -> String {
        self.key(".mpd")
    }

    /// Key of a file of an edition with other captions.
    pub fn edition(&self, edition: u64, name: &str) -> String {
        let folder = captions::edition::folder(edition);
        format!("{}/{}/{folder}/{name}", self.video_id, self.revision)
    }

    /// Key of an edition's HLS multivariant playlist; of none, the conversion's own.
    pub fn hls_of(&self, edition: Option<u64>) -> String {
        edition.map_or_else(|| self.hls(), |edition| self.edition(edition, "video.m3u8"))
    }

    /// Key of an edition's DASH manifest; of none, the conversion's own.
    pub fn dash_of(&self, edition: Option<u64>) -> String {
        edition.map_or_else(|| self.dash(), |edition| self.edition(edition, "video.mpd"))
    }

    /// Key of the MP4 file of a rendition.
    pub fn file(&self, rendition: &str) -> String {
        self.key(&format!("_{rendition}.mp4"))
    }

    /// Key of the file to download.
    pub fn download(&self) -> String {
        self.key(&format!("{DOWNLOAD}.mp4"))
    }

    /// Key of a frame capture: numbered from 0 in seven digits.
    pub fn still(&self, modifier: &str, number: u32) -> String {
        self.key(&format!("{modifier}.{number:07}.jpg"))
    }

    fn key(&self, end: &str) -> String {
        format!("{}/{}/{BASE}{end}", self.video_id, self.revision)
    }
}

/// True where `path` is a file of the output with this name modifier: `…/video_poster.0000001.jpg` of `_poster`.
pub fn is_of(path: &str, modifier: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_prefix(BASE)
        .and_then(|rest| rest.strip_prefix(modifier))
        .is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{OutputFolder, POSTER};

    #[test]
    fn names_are_as_mediaconvert_writes_them() {
        let folder = OutputFolder {
            video_id: "v",
            revision: "r",
        };
        assert_eq!(folder.destination("converted"), "s3://converted/v/r/video");
        assert_eq!(folder.hls(), "v/r/video.m3u8");
        assert_eq!(folder.dash(), "v/r/video.mpd");
        assert_eq!(folder.file("720p"), "v/r/video_720p.mp4");
        assert_eq!(folder.download(), "v/r/video_download.mp4");
        assert_eq!(folder.still(POSTER, 1), "v/r/video_poster.0000001.jpg");
    }
}

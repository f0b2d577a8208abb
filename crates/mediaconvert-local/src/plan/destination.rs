//! Names of outputs: <https://docs.aws.amazon.com/mediaconvert/latest/ug/output-file-names-and-paths.html>.

use crate::web;

/// A place in S3 that output names start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The bucket.
    pub bucket: String,
    /// The key up to and with the last `/`.
    pub folder: String,
    /// Base of all names in it.
    pub base: String,
}

impl Destination {
    /// Reads `s3://bucket/folder/base`. Without a base, that of the first input stands in: its file
    /// name without extension.
    pub fn parse(url: &str, first_input: &str) -> Option<Self> {
        let (bucket, key) = split_url(url)?;
        let (folder, base) = match key.rfind('/') {
            Some(slash) => key.split_at(slash + 1),
            None => ("", key),
        };
        let base = if base.is_empty() {
            stem(first_input)
        } else {
            base
        };
        Some(Self {
            bucket: bucket.to_owned(),
            folder: folder.to_owned(),
            base: base.to_owned(),
        })
    }

    /// The key of the file whose name is the base followed by `rest`.
    pub fn key(&self, rest: &str) -> String {
        format!("{}{}{rest}", self.folder, self.base)
    }

    /// The `s3://` URL of a key in the bucket.
    pub fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

/// Bucket and key of an `s3://` URL.
pub fn split_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("s3://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

/// What [`is_source`] wants.
pub const SOURCE_FORM: &str =
    "Should be of the form s3://bucket/key, http://host/path or https://host/path, without a query";

/// Whether a URL names an object, or a file of a web server:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/specify-input-files.html>.
pub fn is_source(url: &str) -> bool {
    match split_url(url) {
        Some((_, key)) => !key.is_empty(),
        None => web::is_address(url) && !url.contains('?'),
    }
}

/// A file name without folders and extension.
pub(super) fn stem(url: &str) -> &str {
    let name = url.rsplit('/').next().unwrap_or(url);
    match name.rfind('.') {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_what_follows_the_last_slash() {
        let destination = Destination::parse("s3://b/v/1/video", "s3://in/x.mov").unwrap();
        assert_eq!(destination.key("_720p.m3u8"), "v/1/video_720p.m3u8");
    }

    #[test]
    fn a_trailing_slash_takes_the_name_of_the_input() {
        let destination = Destination::parse("s3://b/v/", "s3://in/a.b/clip.final.mov").unwrap();
        assert_eq!(destination.key(".mpd"), "v/clip.final.mpd");
        let destination = Destination::parse("s3://b/", "s3://in/clip").unwrap();
        assert_eq!(destination.key(".mpd"), "clip.mpd");
    }

    #[test]
    fn sources_are_objects_or_on_the_web() {
        for url in [
            "s3://b/k",
            "s3://b/a?b",
            "http://h/x.mp4",
            "HTTPS://h:1/x.mp4",
        ] {
            assert!(is_source(url), "{url}");
        }
        for url in [
            "s3://b",
            "s3://b/",
            "http://",
            "http:///x.mp4",
            "https://h",
            "https://h/x?a=1",
            "ftp://h/x",
            "/etc/x",
        ] {
            assert!(!is_source(url), "{url}");
        }
    }

    #[test]
    fn a_bucket_is_needed() {
        assert!(Destination::parse("https://b/v/", "").is_none());
        assert!(Destination::parse("s3://", "").is_none());
    }
}

//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand};
use serde_json::{Map, Value};
use url::Url;

use crate::video::Status;

/// Uploads videos and follows them.
///
/// Sign in once with `vod login`. A script can set `VOD_URL` and `VOD_TOKEN` instead: the address of the site, and an access
/// token from the sign-in service.
#[derive(Debug, Parser)]
#[command(name = "vod", version, verbatim_doc_comment)]
pub(crate) struct Args {
    /// Print JSON, one value a line, instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in, and remember it
    Login(Login),
    /// Upload files; run it again after an interruption, and it goes on where it stopped
    Upload(Upload),
    /// List videos, newest first
    List(List),
    /// Show all about a video
    Show(One),
    /// Follow videos until each is ready or has failed; the exit status is 1 if any has failed
    WatchStatus(Several),
    /// Open a video's page in the browser
    Open(One),
    /// Delete videos: source, renditions and record
    Delete(Delete),
    /// Convert a video anew from its source
    Reprocess(Reprocess),
    /// Add captions to a video, or remove some that were added
    Captions(Captions),
    /// Register and convert what already lies in the source bucket
    Import(Import),
}

#[derive(Arguments, Debug)]
pub(crate) struct Login {
    /// Address of the site, such as <https://d111111abcdef8.cloudfront.net>
    #[arg(env = "VOD_URL")]
    pub(crate) url: Url,
    /// User name; asked for when left out
    #[arg(short, long)]
    pub(crate) username: Option<String>,
    /// Read the password from standard input instead of asking for it
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Upload {
    /// Videos to upload
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Title; the file's name when left out
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Profile to convert with; the stack's default when left out
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Make an MP4 file to download as well, which costs as much as another rendition
    #[arg(long)]
    pub(crate) download: bool,
    #[command(flatten)]
    pub(crate) part: Part,
    /// Parts that are sent at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) parallel: u8,
    /// Follow the videos afterwards, as watch-status does
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct List {
    /// Only videos in this status
    #[arg(long, value_enum, ignore_case = true)]
    pub(crate) status: Option<Status>,
    /// Only videos with this in their title
    #[arg(long)]
    pub(crate) search: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}

#[derive(Arguments, Debug)]
pub(crate) struct One {
    /// The video's id
    pub(crate) id: String,
}

#[derive(Arguments, Debug)]
pub(crate) struct Several {
    /// The videos' ids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
}

#[derive(Arguments, Debug)]
pub(crate) struct Delete {
    /// The videos' ids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Don't ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Reprocess {
    /// The video's id
    pub(crate) id: String,
    /// Profile to convert with; the one it had when left out
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Whether to make an MP4 file to download as well; as before when left out
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(crate) download: Option<bool>,
    #[command(flatten)]
    pub(crate) part: Part,
    /// Convert all of it again, where it was a part before
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub(crate) whole: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Part {
    /// Convert only what comes after this moment: seconds, or h:mm:ss
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) from: Option<f64>,
    /// Convert only what comes before this moment
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) to: Option<f64>,
}

impl Part {
    /// As the API takes it; `None` for all of the file.
    pub(crate) fn clip(&self) -> Option<Value> {
        let sides = [("fromSeconds", self.from), ("toSeconds", self.to)];
        let said = sides
            .into_iter()
            .filter_map(|(side, seconds)| Some((side.to_owned(), Value::from(seconds?))));
        let clip: Map<_, _> = said.collect();
        (!clip.is_empty()).then_some(Value::Object(clip))
    }
}

/// Seconds of `90.5`, `1:30.5` or `0:01:30.5`.
fn seconds(text: &str) -> Result<f64, String> {
    let wrong = || "write it as seconds, m:ss or h:mm:ss".to_owned();
    let parts: Vec<_> = text.split(':').collect();
    if parts.len() > 3 {
        return Err(wrong());
    }
    parts
        .iter()
        .enumerate()
        .try_fold(0.0, |sum, (index, part)| {
            let plain = part.starts_with(|c: char| c.is_ascii_digit());
            let number: f64 = part.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
            let fits = index == 0 || number < 60.0;
            fits.then_some(sum * 60.0 + number).ok_or_else(wrong)
        })
}

#[derive(Arguments, Debug)]
pub(crate) struct Captions {
    /// The video's id
    pub(crate) id: String,
    /// Language tag, such as en or pt-BR
    pub(crate) language: String,
    /// File of `WebVTT`, `SubRip`, TTML or SCC
    #[arg(required_unless_present = "remove")]
    pub(crate) file: Option<PathBuf>,
    /// What players call them; the language's name when left out
    #[arg(long, conflicts_with = "remove")]
    pub(crate) label: Option<String>,
    /// Remove them
    #[arg(long, conflicts_with = "file")]
    pub(crate) remove: bool,
}

#[derive(Arguments, Debug)]
pub(crate) struct Import {
    /// Where the videos lie, as `s3://bucket/prefix`
    #[arg(value_parser = S3Prefix::parse)]
    pub(crate) from: S3Prefix,
}

/// `s3://bucket/prefix`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct S3Prefix {
    pub(crate) bucket: String,
    /// As it is: no slash is added or taken away.
    pub(crate) prefix: String,
}

impl S3Prefix {
    fn parse(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err("write it as s3://bucket/prefix".to_owned());
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Args, S3Prefix, seconds};
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_moment_is_seconds_or_a_clock() {
        for (text, expected) in [("90.5", 90.5), ("1:30.5", 90.5), ("1:02:03", 3723.0)] {
            assert_eq!(seconds(text), Ok(expected));
        }
        for text in ["", "1:", ":1", "-1", "1:60", "1:2:3:4", "inf", "1m"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_prefix_is_kept_as_it_is() {
        let parsed = |text| S3Prefix::parse(text).map(|from| (from.bucket, from.prefix));
        let expected = |bucket: &str, prefix: &str| Ok((bucket.to_owned(), prefix.to_owned()));
        assert_eq!(parsed("s3://films"), expected("films", ""));
        assert_eq!(parsed("s3://films/"), expected("films", ""));
        assert_eq!(
            parsed("s3://films/2026/a b/"),
            expected("films", "2026/a b/")
        );
        assert!(parsed("films/2026").is_err());
        assert!(parsed("s3:///2026").is_err());
    }
}

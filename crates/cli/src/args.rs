//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand};
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
    use super::{Args, S3Prefix};
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
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

//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Parser};

/// A MediaConvert-compatible server that really transcodes, with ffmpeg.
///
/// S3, STS, EventBridge and Lambda are reached by the standard AWS settings: `AWS_ENDPOINT_URL` or
/// --aws-endpoint, and credentials from the environment. `ffmpeg` and `ffprobe` have to be on PATH.
///
/// Besides the API of MediaConvert, it answers GET /healthz; GET /metrics, for Prometheus; and
/// /_control/faults, which takes the faults that it shall have by PUT (a JSON object of the lists
/// `api`, `jobs` and `events`), tells them by GET and ends them by DELETE.
///
/// Logs go to stderr, the ffmpeg command of each job among them; `RUST_LOG` sets their level. SIGTERM
/// ends the server and its ffmpeg processes; what was not done goes on at the next start.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Config {
    /// Address to listen on
    #[arg(
        long,
        env = "MEDIACONVERT_LOCAL_LISTEN",
        default_value = "127.0.0.1:4567"
    )]
    pub listen: SocketAddr,
    /// Folder for the state, downloads and unfinished outputs
    #[arg(
        long,
        env = "MEDIACONVERT_LOCAL_WORK_DIR",
        default_value = "mediaconvert-local.work"
    )]
    pub work_dir: PathBuf,
    /// Jobs at work at the same time
    #[arg(long, env = "MEDIACONVERT_LOCAL_JOBS", default_value_t = 1)]
    pub jobs: usize,
    /// Threads of each decoder and encoder of a job [default: as many as ffmpeg thinks best]
    #[arg(long, env = "MEDIACONVERT_LOCAL_THREADS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: Option<u16>,
    /// Seconds without progress of ffmpeg after which a job is given up
    #[arg(long, env = "MEDIACONVERT_LOCAL_STALL_SECONDS", default_value_t = 300)]
    pub stall_seconds: u64,
    /// Requests a second of each operation; more are answered by 429 [default: no limit]
    #[arg(long, env = "MEDIACONVERT_LOCAL_REQUESTS_PER_SECOND", value_parser = positive)]
    pub requests_per_second: Option<f64>,
    /// Seconds that a minute of queue hopping lasts
    #[arg(long, env = "MEDIACONVERT_LOCAL_HOP_MINUTE_SECONDS", default_value_t = 60.0, value_parser = positive)]
    pub hop_minute_seconds: f64,
    /// Account in ARNs and events
    #[arg(
        long,
        env = "MEDIACONVERT_LOCAL_ACCOUNT",
        default_value = "000000000000"
    )]
    pub account: String,
    /// Region of ARNs, events and requests
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
    /// Endpoint of the other AWS services
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    pub aws_endpoint: Option<String>,
    /// Endpoint of S3, if it is another
    #[arg(long, env = "AWS_ENDPOINT_URL_S3")]
    pub s3_endpoint: Option<String>,
    /// Name buckets in paths, not in host names [default: if there is an endpoint of S3 or of all]
    #[arg(long, env = "MEDIACONVERT_LOCAL_S3_PATH_STYLE", action = ArgAction::Set)]
    pub s3_path_style: Option<bool>,
    /// Seconds that S3 may take to begin an answer
    #[arg(long, env = "MEDIACONVERT_LOCAL_S3_TIMEOUT_SECONDS", default_value_t = 60.0, value_parser = positive)]
    pub s3_timeout_seconds: f64,
    /// Assume the role of each job, by STS; otherwise all is done with the server's own rights
    #[arg(long, env = "MEDIACONVERT_LOCAL_ASSUME_ROLES", action = ArgAction::Set, default_value_t = true)]
    pub assume_roles: bool,
    /// Deliver events to the rules of the default event bus
    #[arg(long, env = "MEDIACONVERT_LOCAL_EVENTS", action = ArgAction::Set, default_value_t = true)]
    pub events: bool,
    /// Post events to this URL instead
    #[arg(long, env = "MEDIACONVERT_LOCAL_WEBHOOK")]
    pub webhook: Option<String>,
    /// Send `STATUS_UPDATE` events also for jobs with an audio-only output
    #[arg(long, env = "MEDIACONVERT_LOCAL_AUDIO_ONLY_STATUS_UPDATES", action = ArgAction::Set, default_value_t = true)]
    pub audio_only_status_updates: bool,
}

/// A number above zero, and of a length of time that can be counted.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 && number < 1e6 => Ok(number),
        _ => Err("should be a number above 0".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_readme_lists_each_option_with_its_variable() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        for argument in Config::command().get_arguments() {
            let (Some(long), Some(variable)) = (argument.get_long(), argument.get_env()) else {
                panic!("{argument} has no name, or no variable");
            };
            let row = format!("\n| `--{long}` | `{}` | ", variable.display());
            assert!(readme.contains(&row), "{row}");
        }
    }
}

//! The domain of the pipeline: what the Lambda functions share.
//!
//! Pure (data in, data out): [`source`], [`video`], [`media`], [`rotation`], [`language`], [`profile`], [`ladder`], [`per_title`],
//! [`output`], [`captions`], [`clip`], [`origin`], [`job`], [`cost`], [`job_event`], [`s3_event`], [`failure`], [`time`], [`error`].
//!
//! Edge (talks to the outside): [`sdk_config`], [`table`], [`editions`], [`mediaconvert`], [`call_limits`], [`config`], [`clock`] and [`telemetry`].

pub mod call_limits;
pub mod captions;
pub mod clip;
pub mod clock;
pub mod config;
pub mod cost;
pub mod editions;
pub mod error;
pub mod failure;
pub mod job;
pub mod job_event;
pub mod ladder;
pub mod language;
pub mod media;
pub mod mediaconvert;
pub mod origin;
pub mod output;
pub mod per_title;
pub mod profile;
pub mod rotation;
pub mod s3_event;
pub mod sdk_config;
pub mod source;
pub mod table;
pub mod telemetry;
pub mod time;
pub mod video;

//! The services.

use common::table::Table;

/// What the function talks to.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table of video records.
    pub table: Table,
    /// Probes sources and takes jobs.
    pub mediaconvert: aws_sdk_mediaconvert::Client,
    /// Reads the headers of sources.
    pub s3: aws_sdk_s3::Client,
}

//! The services.

use common::table::Table;

/// What the function talks to.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The table of video records.
    pub table: Table,
    /// Knows the jobs.
    pub mediaconvert: aws_sdk_mediaconvert::Client,
    /// Knows the objects.
    pub s3: aws_sdk_s3::Client,
    /// Invokes the submit function.
    pub lambda: aws_sdk_lambda::Client,
}

//! What can keep the function from its work. All of it is worth another try, which the next round is.

use aws_sdk_lambda::error::SdkError as LambdaError;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_mediaconvert::error::SdkError;
use aws_sdk_mediaconvert::operation::get_job::GetJobError;
use aws_sdk_s3::error::SdkError as S3Error;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadError;
use aws_sdk_s3::operation::delete_object::DeleteObjectError;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Error;
use common::editions::EditionError;
use common::error::chain;
use common::mediaconvert::JobsError;
use common::table::TableError;
use lambda_runtime::Diagnostic;

/// Why a video can't be checked.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The record can't be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// MediaConvert doesn't say what became of the job.
    #[error("ask about the job")]
    GetJob(#[from] Box<SdkError<GetJobError>>),
    /// S3 doesn't say whether the output is there.
    #[error("look for the output")]
    Head(#[from] Box<S3Error<HeadObjectError>>),
    /// S3 doesn't list the source bucket.
    #[error("list the source bucket")]
    List(#[from] Box<S3Error<ListObjectVersionsError>>),
    /// MediaConvert doesn't tell about a job.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// S3 doesn't list the converted bucket.
    #[error("list the converted bucket")]
    ListOutputs(#[from] Box<S3Error<ListObjectsV2Error>>),
    /// S3 doesn't end an upload.
    #[error("abort the upload")]
    Abort(#[from] Box<S3Error<AbortMultipartUploadError>>),
    /// S3 doesn't delete.
    #[error("delete the objects")]
    Delete(#[from] Box<S3Error<DeleteObjectsError>>),
    /// S3 doesn't mark the key of a deleted upload.
    #[error("mark the key as deleted")]
    Mark(#[from] Box<S3Error<DeleteObjectError>>),
    /// S3 deleted others, but not this one.
    #[error("delete {key}: {code}")]
    NotDeleted {
        /// The object's key.
        key: String,
        /// S3's code of the reason.
        code: String,
    },
    /// The services took longer than Lambda gives.
    #[error("the services didn't answer in time")]
    OutOfTime,
    /// The captions that were added to the video can't be put into its manifests now.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// The submit function can't be invoked.
    #[error("invoke the submit function")]
    Invoke(#[from] Box<LambdaError<InvokeError>>),
}

impl From<ReconcileError> for Diagnostic {
    fn from(error: ReconcileError) -> Self {
        let error_type = match &error {
            ReconcileError::Table(_) | ReconcileError::Edition(EditionError::Table(_)) => "Table",
            ReconcileError::GetJob(_) | ReconcileError::Jobs(_) => "GetJob",
            ReconcileError::Edition(_)
            | ReconcileError::Head(_)
            | ReconcileError::List(_)
            | ReconcileError::ListOutputs(_)
            | ReconcileError::Abort(_)
            | ReconcileError::Delete(_)
            | ReconcileError::Mark(_)
            | ReconcileError::NotDeleted { .. } => "S3",
            ReconcileError::OutOfTime => "OutOfTime",
            ReconcileError::Invoke(_) => "Invoke",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: chain(&error),
        }
    }
}

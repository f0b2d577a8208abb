//! The S3 notification of an upload, for those who make up for one that was lost.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.

use serde_json::{Value, json};

use crate::source::{Source, encode_key};
use crate::time::Timestamp;

/// The event `ObjectCreated` of this object.
pub fn object_created(source: &Source, now: Timestamp) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": now,
        "eventName": "ObjectCreated:Put",
        "userIdentity": {},
        "requestParameters": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": source.bucket},
            "object": {
                "key": encode_key(&source.key),
                "size": source.size_bytes,
                "eTag": source.etag,
                "versionId": source.version_id,
                "sequencer": source.sequencer,
            },
        },
    }]})
}

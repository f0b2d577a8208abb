//! The S3 notification of an upload, for those who make up for one that was lost.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::source::Source;
use crate::time::Timestamp;

/// What S3 leaves of a key as it is; a space becomes `+` afterwards.
const UNENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*');

/// The event `ObjectCreated` of this object.
pub fn object_created(source: &Source, now: Timestamp) -> Value {
    let key = utf8_percent_encode(&source.key, UNENCODED)
        .to_string()
        .replace("%20", "+");
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
                "key": key,
                "size": source.size_bytes,
                "eTag": source.etag,
                "versionId": source.version_id,
                "sequencer": source.sequencer,
            },
        },
    }]})
}

#[cfg(test)]
mod tests {
    use super::object_created;
    use crate::source::{Source, decode_key};
    use crate::time::Timestamp;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_key_is_encoded_as_the_submit_function_decodes_it(key in "\\PC{1,60}") {
            let source = Source {
                bucket: "b".into(), key: key.clone(), version_id: None, etag: "e".into(), size_bytes: 1, sequencer: None,
            };
            let event = object_created(&source, Timestamp::from_unix_ms(0));
            let encoded = event["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
            prop_assert_eq!(decode_key(encoded).unwrap(), key);
        }
    }
}

//! Where the reconcile function stopped looking through the source bucket.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::{Table, TableError};
use crate::time::Timestamp;

/// The sweep of the source bucket, which goes on from round to round; at its beginning by default.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sweep {
    /// Where the next page starts: S3's `KeyMarker`.
    pub key_marker: Option<String>,
    /// Where the next page starts: S3's `VersionIdMarker`.
    pub version_id_marker: Option<String>,
    /// When this pass through the bucket began.
    pub began: Option<Timestamp>,
    /// When the pass before it began: it has seen all that was there then.
    pub before_began: Option<Timestamp>,
}

/// Key of the item that holds the [`Sweep`]. No video has such an id: theirs are UUIDs.
const SWEEP_ID: &str = "sweep-of-the-source-bucket";

impl Table {
    /// Where the sweep of the source bucket stopped.
    ///
    /// # Errors
    ///
    /// [`TableError`], where it can't be read.
    pub async fn sweep(&self) -> Result<Sweep, TableError> {
        let sweep = self
            .item(SWEEP_ID)
            .await?
            .and_then(|mut item| item.remove("sweep"));
        match sweep {
            Some(sweep) => serde_dynamo::from_attribute_value(sweep).map_err(TableError::Schema),
            None => Ok(Sweep::default()),
        }
    }

    /// Notes where the sweep of the source bucket stopped. The item has the key of no index, so none holds it.
    ///
    /// # Errors
    ///
    /// [`TableError`], where it can't be written.
    pub async fn set_sweep(&self, sweep: &Sweep) -> Result<(), TableError> {
        let sweep = serde_dynamo::to_attribute_value(sweep).map_err(TableError::Schema)?;
        self.client
            .update_item()
            .table_name(&self.name)
            .key("id", AttributeValue::S(SWEEP_ID.to_owned()))
            .update_expression("SET #sweep = :sweep")
            .expression_attribute_names("#sweep", "sweep")
            .expression_attribute_values(":sweep", sweep)
            .send()
            .await
            .map_err(Box::new)?;
        Ok(())
    }
}

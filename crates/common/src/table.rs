//! The table `videos`: reads a record, lets [`transition`] decide, writes under the condition that the record
//! hasn't moved meanwhile.
#![expect(clippy::disallowed_types, reason = "this is the edge: it sends")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::source::Source;
use crate::time::Timestamp;
use crate::video::{Change, Claim, Decision, Event, Ignored, Item, Status, Video, transition};

/// The table of video records.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The record changed.
    Written {
        /// As it is now.
        video: Box<Video>,
        /// As it was.
        before: Option<Box<Video>>,
    },
    /// Nothing changed.
    Ignored(Ignored),
    /// Another invocation holds the claim until then.
    Wait(Timestamp),
}

/// A page of an index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Ids of the videos.
    pub ids: Vec<String>,
    /// Where the next page starts, `None` at the end.
    pub next: Option<Item>,
}

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
/// Keys of an index that are read at once.
const PAGE: i32 = 100;

/// Times that a decision is made anew because somebody else wrote in between. Each of them made progress, so
/// more than a few means that something is wrong.
const ATTEMPTS: usize = 8;

impl Table {
    /// The table of this name.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }

    /// Decides whether an upload may get a job. Only a look: [`Table::apply`] decides again when it writes.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the record can't be read.
    pub async fn claim(&self, source: &Source, now: Timestamp) -> Result<Claim, TableError> {
        let record = self.get(&source.video_id()).await?;
        let video = record.as_ref().map(|(_, video)| video);
        Ok(Claim::decide(video, source, now))
    }

    /// Does to the video `id` what follows from `event`.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the record can't be read or written. Repeating the call is always safe.
    pub async fn apply(
        &self,
        id: &str,
        event: &Event,
        now: Timestamp,
    ) -> Result<Outcome, TableError> {
        let mut record = self.get(id).await?;
        for _ in 0..ATTEMPTS {
            let (item, video) = record.unzip();
            let next = match transition(video.as_ref(), event, now) {
                Decision::Ignore(reason) => return Ok(Outcome::Ignored(reason)),
                Decision::Wait(until) => return Ok(Outcome::Wait(until)),
                Decision::Write(next) => next,
            };
            let change = Change::between(item.as_ref(), &next).map_err(TableError::Schema)?;
            match self.write(&change).await? {
                None => {
                    return Ok(Outcome::Written {
                        video: next,
                        before: video.map(Box::new),
                    });
                }
                Some(meanwhile) => record = meanwhile.map(read).transpose()?,
            }
        }
        Err(TableError::Contended)
    }

    /// The record, if there is one.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the record can't be read.
    pub async fn video(&self, id: &str) -> Result<Option<Video>, TableError> {
        Ok(self.get(id).await?.map(|(_, video)| video))
    }

    /// A page of the videos that have been in `status` without a change since `before`, the longest first.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the index can't be read.
    pub async fn unchanged_since(
        &self,
        status: Status,
        before: Timestamp,
        cursor: Option<Item>,
    ) -> Result<Page, TableError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("by-status")
            .key_condition_expression("#status = :status AND #updatedAt <= :before")
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#updatedAt", "updatedAt")
            .expression_attribute_values(":status", AttributeValue::S(status.as_str().to_owned()))
            .expression_attribute_values(":before", AttributeValue::S(before.to_string()))
            .set_exclusive_start_key(cursor)
            .limit(PAGE)
            .send()
            .await
            .map_err(Box::new)?;
        let ids = output
            .items
            .unwrap_or_default()
            .into_iter()
            .filter_map(|mut item| match item.remove("id") {
                Some(AttributeValue::S(id)) => Some(id),
                _ => None,
            });
        Ok(Page {
            ids: ids.collect(),
            next: output.last_evaluated_key.filter(|key| !key.is_empty()),
        })
    }

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

    /// Notes where the sweep of the source bucket stopped. The item has neither owner nor status, so no index
    /// holds it.
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

    async fn get(&self, id: &str) -> Result<Option<(Item, Video)>, TableError> {
        self.item(id).await?.map(read).transpose()
    }

    async fn item(&self, id: &str) -> Result<Option<Item>, TableError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("id", AttributeValue::S(id.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(Box::new)?;
        Ok(output.item)
    }

    /// `None` where the write was made, otherwise the item that stood in its way (none, if it is gone).
    async fn write(&self, change: &Change) -> Result<Option<Option<Item>>, TableError> {
        let Err(error) = change.request(&self.name).send_with(&self.client).await else {
            return Ok(None);
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Some(refused.item.clone()))
            }
            _ => Err(Box::new(error).into()),
        }
    }
}

fn read(item: Item) -> Result<(Item, Video), TableError> {
    let video = serde_dynamo::from_item(item.clone()).map_err(TableError::Schema)?;
    Ok((item, video))
}

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// DynamoDB refused the read or could not be reached.
    #[error("read the video record")]
    Get(#[from] Box<SdkError<GetItemError>>),
    /// DynamoDB refused the search or could not be reached.
    #[error("search the video records")]
    Query(#[from] Box<SdkError<QueryError>>),
    /// DynamoDB refused the write or could not be reached.
    #[error("write the video record")]
    Update(#[from] Box<SdkError<UpdateItemError>>),
    /// The item isn't a video record.
    #[error("understand the video record")]
    Schema(#[source] serde_dynamo::Error),
    /// Others kept writing; a retry finds the dust settled.
    #[error("the video record kept changing")]
    Contended,
}

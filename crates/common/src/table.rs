//! The table `videos`: reads a record, lets [`transition`] decide, writes under the condition that the record
//! hasn't moved meanwhile.
#![expect(clippy::disallowed_types, reason = "this is the edge: it sends")]

mod library;
mod lists;
mod sweep;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::get_item::GetItemError;
use aws_sdk_dynamodb::operation::query::QueryError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

pub use library::{Position, Positions, Shelf};
pub use lists::Page;
pub use sweep::Sweep;

use crate::source::Source;
use crate::time::Timestamp;
use crate::video::{Change, Claim, Decision, Event, Ignored, Item, Known, Video, transition};

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
        /// As it was; `None` where there was none.
        before: Option<Box<Video>>,
    },
    /// Nothing changed.
    Ignored(Ignored),
    /// Another invocation holds the claim until then.
    Wait(Timestamp),
}

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

    /// Decides whether an upload may get a job, and says what the record is. Only a look: [`Table::apply`] decides again
    /// when it writes.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the record can't be read.
    pub async fn claim(
        &self,
        source: &Source,
        now: Timestamp,
    ) -> Result<(Claim, Option<Video>), TableError> {
        let video = self.video(&source.video_id()).await?;
        Ok((Claim::decide(video.as_ref(), source, now), video))
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
        let record = self.get(id).await?;
        self.decide_and_write(record, event, now).await
    }

    /// As [`Table::apply`], to what was read or written a moment ago (`None`: there was no record), which spares a read.
    /// Where that has moved since, the write finds it out, and the decision is made anew.
    ///
    /// # Errors
    ///
    /// As [`Table::apply`].
    pub async fn apply_to(
        &self,
        id: &str,
        known: Option<&Video>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Outcome, TableError> {
        let mut record = known.cloned().map(Known::from);
        // Only a write sees whether the record has moved.
        if !matches!(transition(known, event, now), Decision::Write(_)) {
            record = self.get(id).await?;
            if record.is_none() {
                return Ok(Outcome::Ignored(Ignored::NoRecord));
            }
        }
        self.decide_and_write(record, event, now).await
    }

    async fn decide_and_write(
        &self,
        mut record: Option<Known>,
        event: &Event,
        now: Timestamp,
    ) -> Result<Outcome, TableError> {
        for _ in 0..ATTEMPTS {
            let next = match transition(record.as_ref().map(Known::video), event, now) {
                Decision::Ignore(reason) => return Ok(Outcome::Ignored(reason)),
                Decision::Wait(until) => return Ok(Outcome::Wait(until)),
                Decision::Write(next) => next,
            };
            let change = Change::of(record.as_ref(), &next).map_err(TableError::Schema)?;
            match self.send(change.into_request(&self.name)).await? {
                Sent::Written => {
                    return Ok(Outcome::Written {
                        video: next,
                        before: record.map(Known::into_video).map(Box::new),
                    });
                }
                // One that was there and is gone was deleted.
                Sent::Refused(None) => return Ok(Outcome::Ignored(Ignored::NoRecord)),
                Sent::Refused(Some(meanwhile)) => record = Some(read(meanwhile)?),
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
        Ok(self.get(id).await?.map(Known::into_video))
    }

    /// Takes the tombstone of a video away. False where it is gone already, or another has taken its place.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the record can't be removed.
    pub async fn remove(&self, tombstone: &Video) -> Result<bool, TableError> {
        let Some(removed_at) = tombstone.removed_at else {
            return Ok(false);
        };
        let removed = self
            .client
            .delete_item()
            .table_name(&self.name)
            .key("id", AttributeValue::S(tombstone.id.clone()))
            .condition_expression("#removedAt = :removedAt")
            .expression_attribute_names("#removedAt", "removedAt")
            .expression_attribute_values(":removedAt", AttributeValue::S(removed_at.to_string()))
            .send()
            .await;
        match removed {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Box::new(error).into()),
        }
    }

    async fn get(&self, id: &str) -> Result<Option<Known>, TableError> {
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

    async fn send(&self, request: UpdateItemInputBuilder) -> Result<Sent, TableError> {
        // Boxed: it is large, and everything that writes would hold it.
        let Err(error) = Box::pin(request.send_with(&self.client)).await else {
            return Ok(Sent::Written);
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Sent::Refused(refused.item.clone()))
            }
            _ => Err(Box::new(error).into()),
        }
    }
}

/// What became of a write.
enum Sent {
    /// It was made.
    Written,
    /// This item stood in its way; none, where there is none.
    Refused(Option<Item>),
}

fn read(item: Item) -> Result<Known, TableError> {
    Known::try_from(item).map_err(TableError::Schema)
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
    /// DynamoDB refused the reads or could not be reached.
    #[error("read the video records")]
    BatchGet(#[from] Box<SdkError<BatchGetItemError>>),
    /// DynamoDB refused the removal or could not be reached.
    #[error("remove the video record")]
    Delete(#[from] Box<SdkError<DeleteItemError>>),
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

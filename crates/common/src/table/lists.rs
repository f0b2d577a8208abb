//! Many videos at once: what is due, and what lists show.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{Table, TableError};
use crate::time::Timestamp;
use crate::video::{Item, Listed, Watch};

/// A page of an index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Ids of the videos.
    pub ids: Vec<String>,
    /// Where the next page starts, `None` at the end.
    pub next: Option<Item>,
}

/// Keys of what is due that are read at once.
const PAGE: i32 = 100;
/// Items that `BatchGetItem` takes at once:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>.
const BATCH: usize = 100;

impl Table {
    /// A page of the videos that are to be looked at, the longest due first.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the index can't be read.
    pub async fn due(&self, now: Timestamp, cursor: Option<Item>) -> Result<Page, TableError> {
        let query = self
            .client
            .query()
            .index_name("by-check")
            .key_condition_expression("#watch = :open AND #checkAt <= :now")
            .expression_attribute_names("#watch", "watch")
            .expression_attribute_names("#checkAt", "checkAt")
            .expression_attribute_values(
                ":open",
                AttributeValue::S(<&str>::from(Watch::Open).to_owned()),
            )
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .limit(PAGE);
        self.page(query, cursor).await
    }

    /// What a list shows of these videos, in this order. Those that are gone are left out.
    ///
    /// # Errors
    ///
    /// [`TableError`], where they can't be read.
    pub async fn listed(&self, ids: &[String]) -> Result<Vec<Listed>, TableError> {
        let (projection, names) = Listed::projection();
        // They come in no order.
        let places = ids.iter().enumerate();
        let places: HashMap<_, _> = places.map(|(place, id)| (id.as_str(), place)).collect();
        let mut found: Vec<_> = ids.iter().map(|_| None).collect();
        for ids in ids.chunks(BATCH) {
            let keys = ids
                .iter()
                .map(|id| HashMap::from([("id".to_owned(), AttributeValue::S(id.clone()))]));
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect()))
                .projection_expression(&projection)
                .set_expression_attribute_names(Some(names.clone()))
                .build();
            // Every answer holds at least one item, so this ends.
            let mut left = wanted
                .ok()
                .map(|wanted| HashMap::from([(self.name.clone(), wanted)]));
            while let Some(wanted) = left.take() {
                let output = self
                    .client
                    .batch_get_item()
                    .set_request_items(Some(wanted))
                    .send()
                    .await
                    .map_err(Box::new)?;
                for item in output.responses.unwrap_or_default().into_values().flatten() {
                    let video = Listed::try_from(item).map_err(TableError::Schema)?;
                    let place = places.get(video.id.as_str());
                    if let Some(place) = place.and_then(|place| found.get_mut(*place)) {
                        *place = Some(video);
                    }
                }
                left = output.unprocessed_keys.filter(|keys| !keys.is_empty());
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    async fn page(
        &self,
        query: QueryFluentBuilder,
        cursor: Option<Item>,
    ) -> Result<Page, TableError> {
        let output = query
            .table_name(&self.name)
            .set_exclusive_start_key(cursor)
            .send()
            .await
            .map_err(Box::new)?;
        let items = output.items.unwrap_or_default().into_iter();
        let ids = items.filter_map(|mut item| match item.remove("id") {
            Some(AttributeValue::S(id)) => Some(id),
            _ => None,
        });
        Ok(Page {
            ids: ids.collect(),
            next: output.last_evaluated_key.filter(|key| !key.is_empty()),
        })
    }
}

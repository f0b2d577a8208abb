//! The library: pages of videos, newest first.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Table, TableError};
use crate::time::Timestamp;
use crate::video::{EVERYBODY, Item};

/// Whose videos.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Shelf {
    /// One owner's.
    Owner(String),
    /// All there are.
    Everybody,
}

impl Shelf {
    fn index(&self) -> &'static str {
        match self {
            Self::Owner(_) => "by-owner",
            Self::Everybody => "by-creation",
        }
    }

    /// The index's partition key: its name and the value.
    fn partition(&self) -> (&'static str, &str) {
        match self {
            Self::Owner(owner) => ("owner", owner),
            Self::Everybody => EVERYBODY,
        }
    }
}

/// A place in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Position {
    /// When the video was made.
    pub created_at: Timestamp,
    /// The video.
    pub id: String,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Positions {
    /// The videos, newest first.
    pub positions: Vec<Position>,
    /// True where others follow.
    pub more: bool,
}

impl Table {
    /// Where the next `count` videos of a shelf are, after `after`.
    ///
    /// # Errors
    ///
    /// [`TableError`], where the index can't be read.
    pub async fn shelf(
        &self,
        of: &Shelf,
        count: usize,
        after: Option<&Position>,
    ) -> Result<Positions, TableError> {
        let (name, value) = of.partition();
        let value = AttributeValue::S(value.to_owned());
        let start = after.map(|position| {
            HashMap::from([
                (name.to_owned(), value.clone()),
                (
                    "createdAt".to_owned(),
                    AttributeValue::S(position.created_at.to_string()),
                ),
                ("id".to_owned(), AttributeValue::S(position.id.clone())),
            ])
        });
        // One more than wanted tells whether there are more.
        let limit = i32::try_from(count.saturating_add(1)).unwrap_or(i32::MAX);
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(of.index())
            .key_condition_expression("#partition = :partition")
            .projection_expression("#id, #createdAt")
            .expression_attribute_names("#partition", name)
            .expression_attribute_names("#id", "id")
            .expression_attribute_names("#createdAt", "createdAt")
            .expression_attribute_values(":partition", value)
            .set_exclusive_start_key(start)
            .scan_index_forward(false)
            .limit(limit)
            .send()
            .await
            .map_err(Box::new)?;
        let mut positions: Vec<_> = output
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(position)
            .collect();
        let more = positions.len() > count;
        positions.truncate(count);
        Ok(Positions { positions, more })
    }
}

fn position(item: &Item) -> Option<Position> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    Some(Position {
        created_at: text("createdAt")?.parse().ok()?,
        id: text("id")?.clone(),
    })
}

//! A change of a record as one conditional write. Only the attributes that differ are named, so attributes
//! that this version doesn't know survive.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::Video;

/// An item as DynamoDB holds it.
pub type Item = HashMap<String, AttributeValue>;

/// The write that makes one record of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    id: String,
    guard: Guard,
    set: Vec<(String, AttributeValue)>,
    remove: Vec<String>,
}

/// What must still hold for a decision to be carried out: the record that it rests on hasn't moved.
#[derive(Clone, Debug, PartialEq)]
enum Guard {
    /// There is no record.
    NoRecord,
    /// The record is at this revision, status and job. Paths into the item, with the value that each has.
    Unmoved(Vec<(&'static str, Option<AttributeValue>)>),
}

/// In each record from its beginning: the partition of the index `by-creation`, which lists all videos. One partition
/// takes a thousand new videos a second; nothing but a new video is written to it.
pub const EVERYBODY: (&str, &str) = ("library", "everybody");

/// What a decision rests on. Everything else (titles, percents) may change meanwhile.
const GUARDED: [&str; 4] = ["revision", "status", "job.id", "job.claimedUntil"];

impl Change {
    /// The write that makes `after` of `before`, the item as it was read.
    ///
    /// # Errors
    ///
    /// Where a record can't be written as an item, which none that the pipeline makes is.
    pub fn between(before: Option<&Item>, after: &Video) -> Result<Self, serde_dynamo::Error> {
        let after_item: Item = serde_dynamo::to_item(after)?;
        let known_before: Item = match before {
            Some(item) => {
                serde_dynamo::to_item(serde_dynamo::from_item::<_, Video>(item.clone())?)?
            }
            None => Item::new(),
        };
        let mut set: Vec<_> = after_item
            .iter()
            .filter(|(name, value)| *name != "id" && known_before.get(*name) != Some(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if before.is_none() {
            let (name, value) = EVERYBODY;
            set.push((name.to_owned(), AttributeValue::S(value.to_owned())));
        }
        set.sort_by(|a, b| a.0.cmp(&b.0));
        let mut remove: Vec<_> = known_before
            .keys()
            .filter(|name| !after_item.contains_key(*name))
            .cloned()
            .collect();
        remove.sort();
        Ok(Self {
            id: after.id.clone(),
            guard: Guard::on(before),
            set,
            remove,
        })
    }

    /// As an `UpdateItem` request, which answers the item in the way where the guard doesn't hold.
    pub fn request(&self, table: &str) -> UpdateItemInputBuilder {
        let mut names = Names::default();
        let mut values = HashMap::new();
        let mut assign = |prefix: &str, value: &AttributeValue| {
            let placeholder = format!(":{prefix}{}", values.len());
            values.insert(placeholder.clone(), value.clone());
            placeholder
        };
        let sets: Vec<_> = self
            .set
            .iter()
            .map(|(name, value)| format!("{} = {}", names.path(name), assign("s", value)))
            .collect();
        let removes: Vec<_> = self.remove.iter().map(|name| names.path(name)).collect();
        let condition = match &self.guard {
            Guard::NoRecord => format!("attribute_not_exists({})", names.path("id")),
            Guard::Unmoved(values) => {
                let holds = values.iter().map(|(path, value)| match value {
                    Some(value) => format!("{} = {}", names.path(path), assign("g", value)),
                    None => format!("attribute_not_exists({})", names.path(path)),
                });
                holds.collect::<Vec<_>>().join(" AND ")
            }
        };
        // DynamoDB refuses a clause without an action.
        let clauses = [("SET", sets), ("REMOVE", removes)]
            .into_iter()
            .filter(|(_, actions)| !actions.is_empty())
            .map(|(clause, actions)| format!("{clause} {}", actions.join(", ")));
        let update = clauses.collect::<Vec<_>>().join(" ");
        UpdateItemInputBuilder::default()
            .table_name(table)
            .key("id", AttributeValue::S(self.id.clone()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names.by_placeholder))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// What the write makes of an item; `None` where the guard doesn't hold. For tests and models.
    pub fn apply(&self, item: Option<&Item>) -> Option<Item> {
        if !self.guard.holds(item) {
            return None;
        }
        let mut next = item.cloned().unwrap_or_default();
        next.insert("id".to_owned(), AttributeValue::S(self.id.clone()));
        next.extend(self.set.iter().cloned());
        for name in &self.remove {
            next.remove(name);
        }
        Some(next)
    }
}

impl Guard {
    fn on(item: Option<&Item>) -> Self {
        match item {
            None => Self::NoRecord,
            Some(item) => Self::Unmoved(
                GUARDED
                    .map(|path| (path, value_at(item, path).cloned()))
                    .to_vec(),
            ),
        }
    }

    fn holds(&self, item: Option<&Item>) -> bool {
        match (self, item) {
            (Self::NoRecord, None) => true,
            (Self::Unmoved(values), Some(item)) => values
                .iter()
                .all(|(path, value)| value_at(item, path) == value.as_ref()),
            _ => false,
        }
    }
}

fn value_at<'a>(item: &'a Item, path: &str) -> Option<&'a AttributeValue> {
    match path.split_once('.') {
        None => item.get(path),
        Some((name, rest)) => value_at(item.get(name)?.as_m().ok()?, rest),
    }
}

/// Placeholders for attribute names: any of them may be a reserved word.
#[derive(Default)]
struct Names {
    by_placeholder: HashMap<String, String>,
}

impl Names {
    fn path(&mut self, path: &str) -> String {
        let placeholders = path.split('.').map(|name| {
            let placeholder = format!("#{name}");
            self.by_placeholder
                .insert(placeholder.clone(), name.to_owned());
            placeholder
        });
        placeholders.collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests;

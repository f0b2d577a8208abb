//! Takes the attributes of an item out of it, one by one.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::{DeserializeOwned, Error as _};
use serde_dynamo::Error;

use crate::video::Item;

/// What is left of an item.
pub(super) struct Fields(Item);

impl From<Item> for Fields {
    fn from(item: Item) -> Self {
        Self(item)
    }
}

impl Fields {
    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.take(name, |value| match value {
            AttributeValue::S(text) => Some(text),
            _ => None,
        })
    }

    /// What a number or a text says.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Error> {
        self.take(name, |value| match value {
            AttributeValue::N(text) | AttributeValue::S(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// The attributes in another.
    pub(super) fn map(&mut self, name: &str) -> Result<Option<Self>, Error> {
        self.take(name, |value| match value {
            AttributeValue::M(map) => Some(Self(map)),
            _ => None,
        })
    }

    /// Whatever serde reads.
    pub(super) fn other<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Error> {
        let value = self.0.remove(name);
        value.map(serde_dynamo::from_attribute_value).transpose()
    }

    fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.0.remove(name) else {
            return Ok(None);
        };
        let read =
            read(value).ok_or_else(|| Error::custom(format_args!("{name} is of a wrong kind")));
        read.map(Some)
    }
}

/// Of an attribute that each item has.
pub(super) fn required<T>(name: &'static str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::missing_field(name))
}

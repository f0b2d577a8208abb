//! A table as far as the functions use one: items, and what writing them costs.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use hyper::body::Bytes;
use serde_json::{Map, Value, json};

/// Bytes that one write unit pays for.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>.
const UNIT_BYTES: usize = 1024;

/// An item in DynamoDB's JSON.
pub(crate) type Item = Map<String, Value>;

/// An index whose items hold the keys and the attributes listed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Index {
    /// The keys of the index; an item that lacks one is not in it.
    pub(crate) keys: Vec<String>,
    /// Attributes that are copied, besides.
    pub(crate) projected: Vec<String>,
}

/// Items by `id`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// The indexes, which every write may write to, too.
    pub(crate) indexes: Vec<Index>,
    /// The items.
    pub(crate) items: BTreeMap<String, Item>,
    /// Write units since the beginning.
    pub(crate) write_units: usize,
}

impl Table {
    /// Answers a request of this operation.
    pub(crate) fn respond(&mut self, operation: &str, body: &Bytes) -> anyhow::Result<Bytes> {
        self.answer(operation, &serde_json::from_slice(body)?)
    }

    /// Conditions hold always: one process at a time writes.
    fn answer(&mut self, operation: &str, request: &Value) -> anyhow::Result<Bytes> {
        match operation {
            "GetItem" => match self.items.get(key(&request["Key"])?) {
                Some(item) => bytes(&BTreeMap::from([("Item", item)])),
                None => Ok(NOTHING),
            },
            "UpdateItem" => {
                let id = key(&request["Key"])?;
                let held = self.items.remove(id);
                let before = held.as_ref().map(|item| self.weigh(item));
                let mut item = held.unwrap_or_default();
                item.insert("id".to_owned(), json!({"S": id}));
                update(&mut item, request)?;
                self.put(id, before, item);
                Ok(NOTHING)
            }
            "PutItem" => {
                let item = request["Item"].as_object().context("an item to put")?;
                let id = key(&request["Item"])?;
                let before = self.items.get(id).map(|item| self.weigh(item));
                self.put(id, before, item.clone());
                Ok(NOTHING)
            }
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object().context("tables")?;
                let (name, wanted) = tables.iter().next().context("a table")?;
                let keys = wanted["Keys"].as_array().context("keys")?;
                let found = keys
                    .iter()
                    .filter_map(|wanted| self.items.get(key(wanted).ok()?));
                let found: Vec<_> = found.map(|item| projected(item, wanted)).collect();
                bytes(&json!({"Responses": {name: found}, "UnprocessedKeys": {}}))
            }
            // In the order of their ids: as good as any for a list of a certain length.
            "Query" => {
                let limit = request["Limit"].as_u64().unwrap_or(u64::MAX);
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                let (name, value) = hash_key(request)?;
                let mut indexes = self.indexes.iter();
                let index = indexes.find(|index| index.keys.first().is_some_and(|key| key == name));
                let index = index.with_context(|| format!("an index of {name}"))?;
                let found = self.items.values();
                let found = found.filter(|item| item.get(name) == Some(value));
                let items: Vec<_> = found
                    .filter_map(|item| index.view(item))
                    .map(|item| projected(&item, request))
                    .take(limit)
                    .collect();
                bytes(&json!({"Items": items, "Count": items.len(), "ScannedCount": items.len()}))
            }
            "DeleteItem" => {
                self.delete(key(&request["Key"])?);
                Ok(NOTHING)
            }
            other => bail!("the bench's table knows no {other}"),
        }
    }

    fn delete(&mut self, id: &str) {
        let Some(before) = self.items.remove(id) else {
            self.write_units += 1;
            return;
        };
        self.write_units += size(&before).div_ceil(UNIT_BYTES);
        for index in &self.indexes {
            self.write_units += index_units(index.view(&before).as_ref(), None, index);
        }
    }

    fn put(&mut self, id: &str, before: Option<Weight>, item: Item) {
        let after = self.weigh(&item);
        let larger = before
            .as_ref()
            .map_or(0, |before| before.bytes)
            .max(after.bytes);
        self.write_units += larger.div_ceil(UNIT_BYTES);
        let mut views = before
            .map(|before| before.views)
            .unwrap_or_default()
            .into_iter();
        for (index, after) in self.indexes.iter().zip(&after.views) {
            let before = views.next().flatten();
            self.write_units += index_units(before.as_ref(), after.as_ref(), index);
        }
        self.items.insert(id.to_owned(), item);
    }

    fn weigh(&self, item: &Item) -> Weight {
        Weight {
            bytes: size(item),
            views: self.indexes.iter().map(|index| index.view(item)).collect(),
        }
    }
}

/// What is paid for when an item is written.
struct Weight {
    bytes: usize,
    /// What each index holds of it.
    views: Vec<Option<Item>>,
}

/// An answer that says nothing.
const NOTHING: Bytes = Bytes::from_static(b"{}");

fn bytes(answer: &impl serde::Serialize) -> anyhow::Result<Bytes> {
    Ok(serde_json::to_vec(answer)?.into())
}

/// What a projection leaves of an item: of `a.b`, the field of the map.
fn projected(item: &Item, request: &Value) -> Item {
    let Some(paths) = request["ProjectionExpression"].as_str() else {
        return item.clone();
    };
    let mut left = Item::new();
    for path in paths.split(", ") {
        let mut names = path.split('.').map(|name| {
            let told = request["ExpressionAttributeNames"][name].as_str();
            told.unwrap_or(name)
        });
        let Some(name) = names.next() else { continue };
        let Some(value) = item.get(name) else {
            continue;
        };
        match names.next() {
            None => {
                left.insert(name.to_owned(), value.clone());
            }
            Some(field) => {
                let map = left.entry(name).or_insert_with(|| json!({"M": {}}));
                if let Some(found) = value["M"].get(field) {
                    map["M"][field] = found.clone();
                }
            }
        }
    }
    left
}

/// Name and value of the hash key that a query asks for, the first condition.
fn hash_key(request: &Value) -> anyhow::Result<(&str, &Value)> {
    let condition = request["KeyConditionExpression"]
        .as_str()
        .unwrap_or_default();
    let first = condition.split(" AND ").next().unwrap_or_default();
    let (name, value) = first.split_once(" = ").context("a hash key")?;
    let name = request["ExpressionAttributeNames"][name]
        .as_str()
        .unwrap_or(name);
    Ok((name, &request["ExpressionAttributeValues"][value]))
}

impl Index {
    /// What the index holds of an item, `None` where it lacks a key.
    fn view(&self, item: &Item) -> Option<Item> {
        let mut view = Item::new();
        for key in &self.keys {
            view.insert(key.clone(), item.get(key)?.clone());
        }
        for name in self.projected.iter().map(String::as_str).chain(["id"]) {
            if let Some(value) = item.get(name) {
                view.insert(name.to_owned(), value.clone());
            }
        }
        Some(view)
    }
}

/// Write units of an index: one write for what enters, leaves or changes, two where a key changes, because the old place
/// is deleted and the new one put.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes>.
fn index_units(before: Option<&Item>, after: Option<&Item>, index: &Index) -> usize {
    let units = |item: &Item| size(item).div_ceil(UNIT_BYTES);
    match (before, after) {
        (None, None) => 0,
        (Some(item), None) | (None, Some(item)) => units(item),
        (Some(before), Some(after)) if before == after => 0,
        (Some(before), Some(after)) => {
            let moved = index
                .keys
                .iter()
                .any(|key| before.get(key) != after.get(key));
            if moved {
                units(before) + units(after)
            } else {
                units(before).max(units(after))
            }
        }
    }
}

/// Bytes of an item as DynamoDB counts them.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.
pub(crate) fn size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        // Two digits a byte, one byte more for the exponent.
        ("N", Value::String(number)) => {
            let digits = number.trim_matches(['-', '0', '.']).len();
            digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
        }
        ("B", Value::String(base64)) => base64.len() / 4 * 3,
        ("M", Value::Object(map)) => {
            3 + map
                .iter()
                .map(|(name, value)| 1 + name.len() + value_size(value))
                .sum::<usize>()
        }
        ("L", Value::Array(list)) => {
            3 + list
                .iter()
                .map(|value| 1 + value_size(value))
                .sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(set)) => {
            set.iter().filter_map(Value::as_str).map(str::len).sum()
        }
        _ => 1,
    }
}

fn key(key: &Value) -> anyhow::Result<&str> {
    key["id"]["S"].as_str().context("a key with an id")
}

/// Does what an update expression of the form `SET a = :a, b.c = :c REMOVE d` says.
fn update(item: &mut Item, request: &Value) -> anyhow::Result<()> {
    let expression = request["UpdateExpression"].as_str().unwrap_or_default();
    let (set, remove) = expression
        .split_once("REMOVE ")
        .map_or((expression, ""), |(set, remove)| (set, remove));
    let names = &request["ExpressionAttributeNames"];
    let path = |text: &str| -> Vec<String> {
        text.trim()
            .split('.')
            .map(|part| names[part].as_str().unwrap_or(part).to_owned())
            .collect()
    };
    let set = set.trim().strip_prefix("SET ").unwrap_or_default();
    for assignment in set.split(',').filter(|text| !text.trim().is_empty()) {
        let (target, value) = assignment.split_once('=').context("an assignment")?;
        let value = &request["ExpressionAttributeValues"][value.trim()];
        anyhow::ensure!(!value.is_null(), "the bench's table can't do {assignment}");
        let path = path(target);
        let (last, parents) = path.split_last().context("a path")?;
        parent(item, parents)?.insert(last.clone(), value.clone());
    }
    for target in remove.split(',').filter(|text| !text.trim().is_empty()) {
        let path = path(target);
        let (last, parents) = path.split_last().context("a path")?;
        parent(item, parents)?.remove(last);
    }
    Ok(())
}

fn parent<'a>(item: &'a mut Item, path: &[String]) -> anyhow::Result<&'a mut Item> {
    path.iter().try_fold(item, |map, name| {
        map.get_mut(name)
            .and_then(|value| value["M"].as_object_mut())
            .with_context(|| format!("a map at {name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{Index, Table, size};
    use serde_json::{Value, json};

    fn set(id: &str, status: &str, title: &str) -> Value {
        json!({
            "Key": {"id": {"S": id}},
            "UpdateExpression": "SET #status = :s, #job.#id = :j REMOVE #old",
            "ExpressionAttributeNames": {"#status": "status", "#job": "job", "#id": "id", "#old": "old"},
            "ExpressionAttributeValues": {":s": {"S": status}, ":j": {"S": title}},
        })
    }

    fn table() -> Table {
        let by_status = Index {
            keys: vec!["status".to_owned()],
            projected: Vec::new(),
        };
        let item =
            json!({"id": {"S": "1"}, "status": {"S": "A"}, "job": {"M": {}}, "old": {"S": "x"}});
        let mut table = Table {
            indexes: vec![by_status],
            ..Table::default()
        };
        table.answer("PutItem", &json!({"Item": item})).unwrap();
        table
    }

    #[test]
    fn an_update_sets_and_removes_what_its_expression_names() {
        let mut table = table();
        table.answer("UpdateItem", &set("1", "B", "j")).unwrap();
        assert_eq!(
            Value::Object(table.items["1"].clone()),
            json!({"id": {"S": "1"}, "status": {"S": "B"}, "job": {"M": {"id": {"S": "j"}}}})
        );
    }

    #[test]
    fn an_index_costs_one_unit_to_enter_two_to_move_and_none_where_nothing_changes() {
        let mut table = table();
        assert_eq!(table.write_units, 2);
        table.answer("UpdateItem", &set("1", "B", "j")).unwrap();
        assert_eq!(table.write_units, 2 + 3);
        table.answer("UpdateItem", &set("1", "B", "k")).unwrap();
        assert_eq!(table.write_units, 2 + 3 + 1);
    }

    #[test]
    fn a_large_item_costs_a_unit_for_each_kilobyte() {
        let mut table = Table::default();
        let item = json!({"id": {"S": "1"}, "text": {"S": "x".repeat(2043)}});
        table.answer("PutItem", &json!({"Item": item})).unwrap();
        assert_eq!((size(&table.items["1"]), table.write_units), (2050, 3));
    }

    #[test]
    fn an_expression_that_is_not_understood_is_an_error() {
        let mut request = set("1", "B", "j");
        request["UpdateExpression"] = json!("SET #status = if_not_exists(#status, :s)");
        assert!(table().answer("UpdateItem", &request).is_err());
    }
}

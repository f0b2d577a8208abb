//! A table in memory behind the real client: it understands the expressions that `Change` writes, and
//! nothing else. The end-to-end tests run the same writes against a DynamoDB.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::update_item::{
    UpdateItemError, UpdateItemInput, UpdateItemOutput,
};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::error::{ConditionalCheckFailedException, InternalServerError};
use aws_smithy_mocks::{MockResponse, RuleMode, mock, mock_client};
use common::table::Table;
use common::video::{Change, Item, Video};

/// The table's content, shared by its clients.
#[derive(Clone, Default)]
pub struct FakeTable {
    items: Arc<Mutex<HashMap<String, Item>>>,
    reads: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
    failing_write: Arc<AtomicUsize>,
}

impl FakeTable {
    /// The table as a function sees it.
    pub fn table(&self) -> Table {
        let (reads, writes) = (self.clone(), self.clone());
        let get = mock!(Client::get_item).then_compute_response(move |request| {
            let id = id_of(request.key());
            reads.reads.fetch_add(1, Ordering::SeqCst);
            let item = reads.items.lock().unwrap().get(&id).cloned();
            MockResponse::Output(GetItemOutput::builder().set_item(item).build())
        });
        let update = mock!(Client::update_item).then_compute_response(move |request| match writes
            .update(request)
        {
            Ok(()) => MockResponse::Output(UpdateItemOutput::builder().build()),
            Err(error) => MockResponse::Error(*error),
        });
        let searched = self.clone();
        let query =
            mock!(Client::query).then_compute_output(move |request| match request.index_name() {
                Some("by-check") => searched.due(request),
                _ => QueryOutput::builder()
                    .set_items(Some(searched.shelf(request)))
                    .build(),
            });
        let read = self.clone();
        let batch = mock!(Client::batch_get_item).then_compute_output(move |request| {
            let (name, wanted) = request.request_items().unwrap().iter().next().unwrap();
            let items = read.items.lock().unwrap();
            let keys = wanted.keys().iter();
            let found = keys.filter_map(|key| items.get(&id_of(Some(key))).cloned());
            BatchGetItemOutput::builder()
                .responses(name, found.collect())
                .build()
        });
        let removing = self.clone();
        let delete = mock!(Client::delete_item).then_compute_response(move |request| {
            let id = id_of(request.key());
            let mut items = removing.items.lock().unwrap();
            let expression = Expressions {
                condition: request.condition_expression(),
                update: None,
                names: request.expression_attribute_names(),
                values: request.expression_attribute_values(),
            };
            if expression.holds(items.get(&id)) {
                items.remove(&id);
                return MockResponse::Output(DeleteItemOutput::builder().build());
            }
            let refused = ConditionalCheckFailedException::builder().build();
            MockResponse::Error(DeleteItemError::ConditionalCheckFailedException(refused))
        });
        Table::new(
            mock_client!(
                aws_sdk_dynamodb,
                RuleMode::MatchAny,
                [&get, &batch, &update, &query, &delete]
            ),
            "videos",
        )
    }

    /// The record, if there is one.
    pub fn video(&self, id: &str) -> Option<Video> {
        let item = self.items.lock().unwrap().get(id).cloned();
        item.map(|item| serde_dynamo::from_item(item).unwrap())
    }

    /// The only record. What is no record has no status.
    pub fn only_video(&self) -> Video {
        let items = self.items.lock().unwrap().clone();
        let ids: Vec<_> = items
            .into_iter()
            .filter(|(_, item)| item.contains_key("status"))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(ids.len(), 1, "one record is expected: {ids:?}");
        self.video(&ids[0]).unwrap()
    }

    /// Number of records that were looked at by themselves.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    /// Number of writes that were carried out.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// Lets the write after `successes` more fail without an effect.
    pub fn fail_write_after(&self, successes: usize) {
        self.failing_write
            .store(self.writes() + successes + 1, Ordering::SeqCst);
    }

    /// A page of a library, newest first.
    fn shelf(&self, request: &QueryInput) -> Vec<Item> {
        let key = |item: &Item| (item["createdAt"].clone(), item["id"].clone());
        let partition = &request.expression_attribute_names().unwrap()["#partition"];
        let wanted = &request.expression_attribute_values().unwrap()[":partition"];
        let items = self.items.lock().unwrap();
        let mut found: Vec<_> = items
            .values()
            .filter(|item| item.get(partition) == Some(wanted))
            .cloned()
            .collect();
        let text = |value: &AttributeValue| value.as_s().unwrap().clone();
        let order = |item: &Item| (text(&key(item).0), text(&key(item).1));
        found.sort_by_key(|item| std::cmp::Reverse(order(item)));
        if let Some(start) = request.exclusive_start_key() {
            found.retain(|item| order(item) < order(start));
        }
        found.truncate(usize::try_from(request.limit().unwrap()).unwrap());
        found
    }

    /// A page of what is due, the longest first.
    fn due(&self, request: &QueryInput) -> QueryOutput {
        let text = |item: &Item, name: &str| Some(item.get(name)?.as_s().unwrap().clone());
        let place = |item: &Item| (text(item, "checkAt"), text(item, "id"));
        let values = request.expression_attribute_values().unwrap();
        let (open, now) = (values[":open"].as_s().ok(), values[":now"].as_s().ok());
        let items = self.items.lock().unwrap();
        let mut found: Vec<_> = items
            .values()
            .filter(|item| text(item, "watch").as_ref() == open)
            .filter(|item| text(item, "checkAt").is_some_and(|at| Some(&at) <= now))
            .cloned()
            .collect();
        found.sort_by_key(place);
        if let Some(start) = request.exclusive_start_key() {
            found.retain(|item| place(item) > place(start));
        }
        let limit = usize::try_from(request.limit().unwrap()).unwrap();
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).cloned();
        QueryOutput::builder()
            .set_items(Some(found))
            .set_last_evaluated_key(last)
            .build()
    }

    fn update(&self, request: &UpdateItemInput) -> Result<(), Box<UpdateItemError>> {
        if self.failing_write.load(Ordering::SeqCst) == self.writes() + 1 {
            self.failing_write.store(0, Ordering::SeqCst);
            let error = InternalServerError::builder()
                .message("a fault of the test's")
                .build();
            return Err(Box::new(UpdateItemError::InternalServerError(error)));
        }
        let mut items = self.items.lock().unwrap();
        let id = id_of(request.key());
        let held = items.get(&id).cloned();
        let expression = Expressions {
            condition: request.condition_expression(),
            update: request.update_expression(),
            names: request.expression_attribute_names(),
            values: request.expression_attribute_values(),
        };
        if !expression.holds(held.as_ref()) {
            let refused = ConditionalCheckFailedException::builder()
                .set_item(held)
                .build();
            return Err(Box::new(UpdateItemError::ConditionalCheckFailedException(
                refused,
            )));
        }
        let mut item = held.unwrap_or_else(|| request.key().unwrap().clone());
        expression.apply(&mut item);
        items.insert(id, item);
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Records that are there from the beginning.
impl Extend<Video> for FakeTable {
    fn extend<T: IntoIterator<Item = Video>>(&mut self, videos: T) {
        for video in videos {
            let item = Change::between(None, &video).unwrap().apply(None).unwrap();
            self.items.lock().unwrap().insert(video.id, item);
        }
    }
}

fn id_of(key: Option<&HashMap<String, AttributeValue>>) -> String {
    key.unwrap()["id"].as_s().unwrap().clone()
}

struct Expressions<'a> {
    condition: Option<&'a str>,
    update: Option<&'a str>,
    names: Option<&'a HashMap<String, String>>,
    values: Option<&'a HashMap<String, AttributeValue>>,
}

impl Expressions<'_> {
    fn holds(&self, item: Option<&Item>) -> bool {
        let Some(condition) = self.condition else {
            return true;
        };
        condition.split(" AND ").all(|clause| {
            let absent = clause
                .strip_prefix("attribute_not_exists(")
                .and_then(|rest| rest.strip_suffix(')'));
            if let Some(path) = absent {
                return item.and_then(|item| self.at(item, path)).is_none();
            }
            let (path, value) = clause.split_once(" = ").unwrap();
            item.and_then(|item| self.at(item, path)) == Some(self.value(value))
        })
    }

    fn apply(&self, item: &mut Item) {
        let update = self.update.unwrap();
        let (sets, removes) = match update.strip_prefix("REMOVE ") {
            Some(removes) => ("", removes),
            None => update.split_once(" REMOVE ").unwrap_or((update, "")),
        };
        let assignments = sets.strip_prefix("SET ").unwrap_or_default().split(", ");
        for assignment in assignments.filter(|assignment| !assignment.is_empty()) {
            let (path, value) = assignment.split_once(" = ").unwrap();
            self.put(item, path, self.value(value).clone());
        }
        for path in removes.split(", ").filter(|path| !path.is_empty()) {
            item.remove(self.name(path));
        }
    }

    fn put(&self, item: &mut Item, path: &str, value: AttributeValue) {
        let Some((first, rest)) = path.split_once('.') else {
            item.insert(self.name(path).to_owned(), value);
            return;
        };
        match item.get_mut(self.name(first)) {
            Some(AttributeValue::M(map)) => self.put(map, rest, value),
            _ => panic!("DynamoDB refuses a path into what is no map: {path}"),
        }
    }

    fn at<'i>(&self, item: &'i Item, path: &str) -> Option<&'i AttributeValue> {
        let (first, rest) = path
            .split_once('.')
            .map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = item.get(self.name(first))?;
        rest.map_or(Some(value), |rest| self.at(value.as_m().unwrap(), rest))
    }

    fn name(&self, placeholder: &str) -> &str {
        &self.names.unwrap()[placeholder]
    }

    fn value(&self, placeholder: &str) -> &AttributeValue {
        &self.values.unwrap()[placeholder]
    }
}

//! A change of a record as one conditional write. Only the attributes that differ are named, so attributes
//! that this version doesn't know survive.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use serde::Serialize;

use super::{Status, Video};

/// An item as DynamoDB holds it.
pub type Item = HashMap<String, AttributeValue>;

/// The write that makes one record of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    id: String,
    guard: Guard,
    /// Paths into the item, each with its new value.
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

/// What every decision rests on. Everything else (titles) may change meanwhile.
const GUARDED: [&str; 4] = ["revision", "status", "job.id", "job.claimedUntil"];

/// A record as it was read or written a moment ago, and what a decision on it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    video: Video,
    guard: Guard,
}

impl Known {
    /// The record.
    pub fn video(&self) -> &Video {
        &self.video
    }

    /// The record alone.
    pub fn into_video(self) -> Video {
        self.video
    }
}

impl TryFrom<Item> for Known {
    type Error = serde_dynamo::Error;

    fn try_from(item: Item) -> Result<Self, Self::Error> {
        let guard = Guard::on(&item);
        let video = serde_dynamo::from_item(item)?;
        Ok(Self { video, guard })
    }
}

/// As this version writes it.
impl From<Video> for Known {
    fn from(video: Video) -> Self {
        let guard = Guard::of(&video);
        Self { video, guard }
    }
}

/// What a change of one of these attributes rests on as well: what they were, because they are written as a whole.
const GUARDED_WITH: [(&str, &[&str]); 5] = [
    ("captions.edition", &["captions", "playback"]),
    ("playback.edition", &["playback"]),
    ("playback.revision", &["playback"]),
    (PERCENT, &[PERCENT]),
    ("replaced", &["replaced"]),
];

/// It only grows, whoever writes it, and goes with the status that it belongs to, however far it has got.
const PERCENT: &str = "progressPercent";

impl Change {
    /// The write that makes `after` of `before`, the item as it was read. For tests and models.
    ///
    /// # Errors
    ///
    /// Where a record can't be read from or written as an item, which none that the pipeline makes is.
    pub fn between(before: Option<&Item>, after: &Video) -> Result<Self, serde_dynamo::Error> {
        let before = before.cloned().map(Known::try_from).transpose()?;
        Self::of(before.as_ref(), after)
    }

    /// The write that makes `after` of `before`.
    ///
    /// # Errors
    ///
    /// Where a record can't be written as an item, which none that the pipeline makes is.
    pub fn of(before: Option<&Known>, after: &Video) -> Result<Self, serde_dynamo::Error> {
        let mut differences = Differences::default();
        let mut guard = match before {
            None => {
                let mut item: Item = serde_dynamo::to_item(after)?;
                item.remove("id");
                differences.set = item.into_iter().collect();
                let (name, value) = EVERYBODY;
                let everybody = AttributeValue::S(value.to_owned());
                differences.set.push((name.to_owned(), everybody));
                Guard::NoRecord
            }
            Some(before) => {
                differences.find(&before.video, after)?;
                // Another may have noted one since.
                let ends = before.video.status == Status::Processing
                    && before.video.status != after.status;
                if ends && before.video.progress_percent.is_none() {
                    differences.remove.push(PERCENT.to_owned());
                }
                before.guard.clone()
            }
        };
        let Differences {
            mut set,
            mut remove,
        } = differences;
        set.sort_by(|a, b| a.0.cmp(&b.0));
        remove.sort();
        guard.keep_for(|name| {
            let is_set = set.iter().any(|(known, _)| known == name);
            is_set || name != PERCENT && remove.iter().any(|known| known == name)
        });
        Ok(Self {
            id: after.id.clone(),
            guard,
            set,
            remove,
        })
    }

    /// As an `UpdateItem` request, which answers the item in the way where the guard doesn't hold.
    pub fn into_request(self, table: &str) -> UpdateItemInputBuilder {
        let mut names = Names::default();
        let mut values = HashMap::new();
        let mut assign = |value| {
            let placeholder = format!(":v{}", values.len());
            values.insert(placeholder.clone(), value);
            placeholder
        };
        let sets: Vec<_> = self
            .set
            .into_iter()
            .map(|(name, value)| format!("{} = {}", names.path(&name), assign(value)))
            .collect();
        let removes: Vec<_> = self.remove.iter().map(|name| names.path(name)).collect();
        let condition = match self.guard {
            Guard::NoRecord => format!("attribute_not_exists({})", names.path("id")),
            Guard::Unmoved(values) => {
                let holds = values.into_iter().map(|(path, value)| match value {
                    Some(value) => format!("{} = {}", names.path(path), assign(value)),
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
            .key("id", AttributeValue::S(self.id))
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
        for (path, value) in &self.set {
            put_at(&mut next, path, value.clone());
        }
        for name in &self.remove {
            next.remove(name);
        }
        Some(next)
    }
}

/// What one record has that another hasn't. Attributes that are alike aren't even written as items: most of a record stays.
#[derive(Default)]
struct Differences {
    set: Vec<(String, AttributeValue)>,
    remove: Vec<String>,
}

impl Differences {
    fn find(&mut self, before: &Video, after: &Video) -> Result<(), serde_dynamo::Error> {
        // Names each field, so that none can be forgotten.
        let Video {
            id: _,
            owner,
            title,
            description,
            file_name,
            size_bytes,
            content_type,
            profile,
            download,
            clip,
            poster_seconds,
            captions,
            status,
            created_at,
            updated_at,
            upload,
            revision,
            source,
            job,
            progress_percent,
            failure,
            playback,
            replaced,
            removed_at,
            watch,
            check_at,
        } = after;
        self.field("owner", &before.owner, owner)?;
        self.field("title", &before.title, title)?;
        self.field("description", &before.description, description)?;
        self.field("fileName", &before.file_name, file_name)?;
        self.field("sizeBytes", &before.size_bytes, size_bytes)?;
        self.field("contentType", &before.content_type, content_type)?;
        self.field("profile", &before.profile, profile)?;
        self.field("download", &before.download, download)?;
        self.field("clip", &before.clip, clip)?;
        self.field("posterSeconds", &before.poster_seconds, poster_seconds)?;
        self.field("captions", &before.captions, captions)?;
        self.field("status", &before.status, status)?;
        self.field("createdAt", &before.created_at, created_at)?;
        self.field("updatedAt", &before.updated_at, updated_at)?;
        self.field("upload", &before.upload, upload)?;
        self.field("revision", &before.revision, revision)?;
        self.field("source", &before.source, source)?;
        self.field("job", &before.job, job)?;
        self.field(
            "progressPercent",
            &before.progress_percent,
            progress_percent,
        )?;
        self.field("failure", &before.failure, failure)?;
        self.field("playback", &before.playback, playback)?;
        self.field("replaced", &before.replaced, replaced)?;
        self.field("removedAt", &before.removed_at, removed_at)?;
        self.field("watch", &before.watch, watch)?;
        self.field("checkAt", &before.check_at, check_at)
    }

    fn field<T: PartialEq + Serialize>(
        &mut self,
        name: &str,
        before: &T,
        after: &T,
    ) -> Result<(), serde_dynamo::Error> {
        if before == after {
            return Ok(());
        }
        match serde_dynamo::to_attribute_value(after)? {
            AttributeValue::Null(_) => self.remove.push(name.to_owned()),
            AttributeValue::S(text) if text.is_empty() => self.remove.push(name.to_owned()),
            AttributeValue::L(list) if list.is_empty() => self.remove.push(name.to_owned()),
            value => self.set.push((name.to_owned(), value)),
        }
        Ok(())
    }
}

impl Guard {
    fn on(item: &Item) -> Self {
        let further = GUARDED_WITH.into_iter().map(|(path, _)| path);
        let paths = GUARDED.into_iter().chain(further);
        Self::Unmoved(
            paths
                .map(|path| (path, value_at(item, path).cloned()))
                .collect(),
        )
    }

    /// The same, of a record as this version writes it.
    fn of(video: &Video) -> Self {
        let job = video.job.as_ref();
        let text = |text: Option<String>| text.map(AttributeValue::S);
        let number = |number: Option<u64>| number.map(|it| AttributeValue::N(it.to_string()));
        let captions = video.captions.as_ref();
        let playback = video.playback.as_ref();
        // Of a list that can't be written, the guard doesn't hold: then the record is read again.
        let replaced = Some(&video.replaced).filter(|replaced| !replaced.is_empty());
        let replaced =
            replaced.and_then(|replaced| serde_dynamo::to_attribute_value(replaced).ok());
        Self::Unmoved(vec![
            ("revision", text(video.revision.clone())),
            ("status", text(Some(video.status.as_str().to_owned()))),
            ("job.id", text(job.and_then(|job| job.id.clone()))),
            (
                "job.claimedUntil",
                text(job.map(|job| job.claimed_until.to_string())),
            ),
            (
                "captions.edition",
                number(captions.map(|added| added.edition)),
            ),
            (
                "playback.edition",
                number(playback.and_then(|playback| playback.edition)),
            ),
            (
                "playback.revision",
                text(playback.map(|playback| playback.revision.clone())),
            ),
            (PERCENT, number(video.progress_percent.map(u64::from))),
            ("replaced", replaced),
        ])
    }

    /// Without what only a change of other attributes rests on.
    fn keep_for(&mut self, is_changed: impl Fn(&str) -> bool) {
        let Self::Unmoved(values) = self else { return };
        values.retain(|(path, _)| {
            let further = GUARDED_WITH.iter().find(|(known, _)| known == path);
            further.is_none_or(|(_, names)| names.iter().any(|name| is_changed(name)))
        });
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

/// Where there is no map to put it into, DynamoDB refuses the write; a guard sees to it that there is one.
fn put_at(item: &mut Item, path: &str, value: AttributeValue) {
    let Some((name, rest)) = path.split_once('.') else {
        item.insert(path.to_owned(), value);
        return;
    };
    if let Some(AttributeValue::M(map)) = item.get_mut(name) {
        put_at(map, rest, value);
    }
}

/// Placeholders for attribute names: any of them may be a reserved word.
#[derive(Default)]
pub(super) struct Names {
    pub(super) by_placeholder: HashMap<String, String>,
}

impl Names {
    pub(super) fn path(&mut self, path: &str) -> String {
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

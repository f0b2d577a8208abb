//! What callers keep beside jobs: queues, templates, presets, tags, the policy, certificates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{StateError, Store};
use crate::clock::Moment;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A queue; `Default` is there only once it was changed.
    Queue,
    /// A job template.
    JobTemplate,
    /// An output preset.
    Preset,
    /// The tags of a resource, named by its ARN.
    Tags,
    /// The account's policy. There is one at most, without a name.
    Policy,
    /// A certificate that is associated, named by its ARN.
    Certificate,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Queue,
        Self::JobTemplate,
        Self::Preset,
        Self::Tags,
        Self::Policy,
        Self::Certificate,
    ];

    /// In the file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::JobTemplate => "jobTemplate",
            Self::Preset => "preset",
            Self::Tags => "tags",
            Self::Policy => "policy",
            Self::Certificate => "certificate",
        }
    }
}

/// Something that is kept under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Unique among its kind.
    pub name: String,
    /// When it was made.
    pub created: Moment,
    /// When it was last changed.
    pub updated: Moment,
    /// As on the wire.
    pub body: Map<String, Value>,
}

impl Document {
    /// One that is made now.
    pub fn new(name: &str, body: Map<String, Value>) -> Self {
        let now = Moment::now();
        Self {
            name: name.to_owned(),
            created: now,
            updated: now,
            body,
        }
    }

    /// A member of the body.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.body.get(member).and_then(Value::as_str)
    }
}

/// The documents by kind and name.
pub(super) type Documents = BTreeMap<(Kind, String), Document>;

impl Store {
    /// The document of this name.
    pub fn document(&self, kind: Kind, name: &str) -> Option<Document> {
        let documents = &self.lock().documents;
        documents.get(&(kind, name.to_owned())).cloned()
    }

    /// All documents of a kind, by name.
    pub fn documents(&self, kind: Kind) -> Vec<Document> {
        let inner = self.lock();
        let of_kind = inner.documents.iter().filter(|((k, _), _)| *k == kind);
        of_kind.map(|(_, document)| document.clone()).collect()
    }

    /// Makes a document of the one that `change` is given; with `None` it makes or leaves none. Tells
    /// what there is now.
    ///
    /// # Errors
    ///
    /// When it can't be written; then nothing has changed.
    pub fn edit(
        &self,
        kind: Kind,
        name: &str,
        change: impl FnOnce(Option<Document>) -> Option<Document>,
    ) -> Result<Option<Document>, StateError> {
        let mut inner = self.lock();
        let key = (kind, name.to_owned());
        let before = inner.documents.get(&key).cloned();
        let after = change(before.clone());
        if after == before {
            return Ok(after);
        }
        inner.database.keep(kind, name, after.as_ref())?;
        match &after {
            Some(document) => inner.documents.insert(key, document.clone()),
            None => inner.documents.remove(&key),
        };
        Ok(after)
    }
}

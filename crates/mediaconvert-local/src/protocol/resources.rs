//! What queues, job templates and presets have in common: they are made, listed in pages, changed and
//! removed under a name.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pages::{self, PageQuery};
use super::tags;
use super::{ApiError, App, answer};
use crate::clock::Moment;
use crate::queue;
use crate::schema;
use crate::store::{Document, Kind};

/// What is kept under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Queue,
    JobTemplate,
    Preset,
}

/// What lists are asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListQuery {
    #[serde(flatten)]
    page: PageQuery,
    list_by: Option<String>,
    category: Option<String>,
}

impl Resource {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Queue => Kind::Queue,
            Self::JobTemplate => Kind::JobTemplate,
            Self::Preset => Kind::Preset,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::JobTemplate => "job template",
            Self::Preset => "preset",
        }
    }

    /// Its member in answers.
    fn member(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::JobTemplate => "jobTemplate",
            Self::Preset => "preset",
        }
    }

    /// Its place in ARNs, and its list in answers.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Queue => "queues",
            Self::JobTemplate => "jobTemplates",
            Self::Preset => "presets",
        }
    }

    /// The shape of a request, after its verb.
    fn shape(self) -> &'static str {
        match self {
            Self::Queue => "QueueRequest",
            Self::JobTemplate => "JobTemplateRequest",
            Self::Preset => "PresetRequest",
        }
    }

    fn missing(self, name: &str) -> ApiError {
        ApiError::not_found(format!("The {} {name} was not found.", self.noun()))
    }

    /// The name in a name or an ARN.
    fn name<'a>(self, app: &App, given: &'a str) -> &'a str {
        let prefix = app.sender.arn(self.plural(), "");
        given.strip_prefix(prefix.as_str()).unwrap_or(given)
    }

    /// The document of a name or an ARN.
    pub(super) fn find(self, app: &App, given: &str) -> Result<Document, ApiError> {
        let name = self.name(app, given);
        match app.store.document(self.kind(), name) {
            Some(document) => Ok(document),
            None if self == Self::Queue && name == queue::DEFAULT => Ok(default_queue(app)),
            None => Err(self.missing(given)),
        }
    }

    fn all(self, app: &App) -> Vec<Document> {
        let mut all = app.store.documents(self.kind());
        if self == Self::Queue && all.iter().all(|queue| queue.name != queue::DEFAULT) {
            all.push(default_queue(app));
        }
        all
    }

    /// As on the wire.
    fn to_json(self, app: &App, document: &Document) -> Value {
        let system = self == Self::Queue && document.name == queue::DEFAULT;
        let arn = app.sender.arn(self.plural(), &document.name);
        let mut json = Map::new();
        json.insert("arn".to_owned(), json!(arn));
        json.insert("name".to_owned(), json!(document.name));
        let kind = if system { "SYSTEM" } else { "CUSTOM" };
        json.insert("type".to_owned(), json!(kind));
        json.insert("createdAt".to_owned(), document.created.seconds());
        json.insert("lastUpdated".to_owned(), document.updated.seconds());
        json.extend(document.body.clone());
        if self == Self::Queue {
            let (submitted, progressing) = app.store.counts(&arn);
            json.insert("submittedJobsCount".to_owned(), json!(submitted));
            json.insert("progressingJobsCount".to_owned(), json!(progressing));
            json.entry("concurrentJobs")
                .or_insert_with(|| json!(app.concurrent_jobs));
        }
        Value::Object(json)
    }

    fn answer(self, app: &App, status: StatusCode, document: &Document) -> Response {
        let mut body = Map::new();
        body.insert(self.member().to_owned(), self.to_json(app, document));
        answer(status, Value::Object(body))
    }

    /// `CreateQueue` and the like.
    pub(super) fn create(self, app: &App, body: &Bytes) -> Result<Response, ApiError> {
        let mut request = pages::object(body)?;
        check(&request, &format!("Create{}", self.shape()))?;
        let name = match request.remove("name") {
            Some(Value::String(name)) if !name.trim().is_empty() => name,
            _ => {
                return Err(ApiError::bad_request(
                    "/name: Should have at least 1 characters",
                ));
            }
        };
        let given_tags = tags::of_request(&mut request)?;
        if self == Self::Queue {
            super::queues::complete(&mut request)?;
        }
        if let Some(queue) = request.get("queue").and_then(Value::as_str) {
            Self::Queue.find(app, queue)?;
        }
        if self == Self::Queue && name == queue::DEFAULT {
            return Err(self.taken(&name));
        }
        let document = Document::new(&name, request);
        let mut taken = false;
        app.store
            .edit(self.kind(), &name, |before| {
                taken = before.is_some();
                before.or(Some(document.clone()))
            })
            .map_err(|error| ApiError::not_kept(&error))?;
        if taken {
            return Err(self.taken(&name));
        }
        tags::set(app, &app.sender.arn(self.plural(), &name), given_tags)?;
        Ok(self.answer(app, StatusCode::CREATED, &document))
    }

    fn taken(self, name: &str) -> ApiError {
        let noun = self.noun();
        ApiError::conflict(format!("There is a {noun} {name} already."))
    }

    /// `GetQueue` and the like.
    pub(super) fn get(self, app: &App, name: &str) -> Result<Response, ApiError> {
        Ok(self.answer(app, StatusCode::OK, &self.find(app, name)?))
    }

    /// `UpdateQueue` and the like: members that are left out stay.
    pub(super) fn update(self, app: &App, name: &str, body: &Bytes) -> Result<Response, ApiError> {
        let mut request = pages::object(body)?;
        request.insert("name".to_owned(), json!(name));
        check(&request, &format!("Update{}", self.shape()))?;
        request.remove("name");
        request.retain(|_, value| !value.is_null());
        if let Some(queue) = request.get("queue").and_then(Value::as_str) {
            Self::Queue.find(app, queue)?;
        }
        let mut document = self.find(app, name)?;
        if self == Self::Queue {
            super::queues::change(&mut document.body, request)?;
        } else {
            document.body.extend(request);
        }
        document.updated = Moment::now();
        let kept = app
            .store
            .edit(self.kind(), &document.name, |_| Some(document.clone()));
        kept.map_err(|error| ApiError::not_kept(&error))?;
        if self == Self::Queue {
            // Its jobs may begin now.
            app.workers.wake();
        }
        Ok(self.answer(app, StatusCode::OK, &document))
    }

    /// `DeleteQueue` and the like.
    pub(super) fn delete(self, app: &App, name: &str) -> Result<Response, ApiError> {
        let document = self.find(app, name)?;
        let arn = app.sender.arn(self.plural(), &document.name);
        if self == Self::Queue {
            super::queues::check_unused(app, &document.name, &arn)?;
        }
        app.store
            .edit(self.kind(), &document.name, |_| None)
            .map_err(|error| ApiError::not_kept(&error))?;
        tags::set(app, &arn, None)?;
        Ok(answer(StatusCode::ACCEPTED, json!({})))
    }

    /// `ListQueues` and the like.
    pub(super) fn list(self, app: &App, query: &ListQuery) -> Result<Response, ApiError> {
        let by_date = match query.list_by.as_deref() {
            None => self == Self::Queue,
            Some("NAME") => false,
            Some("CREATION_DATE") => true,
            Some("SYSTEM") if self != Self::Queue => {
                // There is no such preset or template here.
                return Ok(self.page(app, &[], None));
            }
            Some(other) => {
                let message =
                    format!("listBy: '{other}' should be one of CREATION_DATE, NAME, SYSTEM");
                return Err(ApiError::bad_request(message));
            }
        };
        let mut all = self.all(app);
        if let Some(category) = &query.category {
            all.retain(|document| document.text("category") == Some(category));
        }
        let place = |document: &Document| {
            let date = if by_date {
                document.created.milliseconds()
            } else {
                0
            };
            format!("{date:015} {}", document.name)
        };
        let (page, next) = pages::of(all, place, &query.page)?;
        Ok(self.page(app, &page, next))
    }

    fn page(self, app: &App, page: &[Document], next: Option<String>) -> Response {
        let list: Vec<Value> = page.iter().map(|one| self.to_json(app, one)).collect();
        let mut body = Map::new();
        body.insert(self.plural().to_owned(), json!(list));
        if let Some(next) = next {
            body.insert("nextToken".to_owned(), json!(next));
        }
        if self == Self::Queue {
            let total = app.concurrent_jobs;
            body.insert("totalConcurrentJobs".to_owned(), json!(total));
        }
        answer(StatusCode::OK, Value::Object(body))
    }
}

/// The queue that is there before anybody makes one.
fn default_queue(app: &App) -> Document {
    let mut body = Map::new();
    body.insert("status".to_owned(), json!("ACTIVE"));
    body.insert("pricingPlan".to_owned(), json!("ON_DEMAND"));
    Document {
        name: queue::DEFAULT.to_owned(),
        created: app.started,
        updated: app.started,
        body,
    }
}

/// Checks a request against the model; settings are told of by paths that begin in them.
fn check(request: &Map<String, Value>, shape: &str) -> Result<(), ApiError> {
    let mut rest = request.clone();
    let mut problems = Vec::new();
    if let Some(settings) = rest.get_mut("settings").filter(|value| !value.is_null()) {
        let inner = if shape.contains("Preset") {
            "PresetSettings"
        } else {
            "JobTemplateSettings"
        };
        problems = schema::check(inner, settings, "");
        *settings = json!({});
    }
    let mut all = schema::check(shape, &Value::Object(rest), "");
    all.append(&mut problems);
    match all.into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(ApiError::bad_request(problem)),
    }
}

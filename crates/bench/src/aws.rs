//! The AWS services that the functions call, each behind TLS on a port of its own, with fixed answers.

pub(crate) mod dynamodb;
mod source;

pub(crate) use source::SIZE_BYTES as SOURCE_BYTES;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, bail};
use hyper::body::Bytes;
use hyper::header::{CONTENT_RANGE, HeaderValue, RANGE};
use hyper::http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{Answer, Handler, answer, serve};
use crate::tls::Authority;
use dynamodb::{Index, Table};

/// Ids as MediaConvert makes them.
pub(crate) const JOB_ID: &str = "1768471204000-ab12cd";

/// The services, while their runtime lives.
pub(crate) struct Aws {
    /// What they know.
    pub(crate) state: Rc<State>,
    /// The certificate of their authority alone.
    pub(crate) root: PathBuf,
    /// The same among the roots that this machine trusts.
    pub(crate) roots: PathBuf,
    addresses: BTreeMap<&'static str, SocketAddr>,
}

/// What the services know, and what was asked of them.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The videos.
    pub(crate) table: RefCell<Table>,
    /// Calls by service and operation.
    pub(crate) calls: RefCell<BTreeMap<String, usize>>,
    /// The user metadata of each job, in order.
    pub(crate) jobs: RefCell<Vec<Value>>,
}

/// The last part of the variable `AWS_ENDPOINT_URL_…` of each service.
const SERVICES: [&str; 5] = [
    "COGNITO_IDENTITY_PROVIDER",
    "DYNAMODB",
    "LAMBDA",
    "MEDIACONVERT",
    "S3",
];

impl Aws {
    /// Starts the services; files go to `directory`.
    pub(crate) async fn start(directory: &Path, indexes: Vec<Index>) -> anyhow::Result<Self> {
        let (root, roots) = (directory.join("root.pem"), directory.join("roots.pem"));
        let authority = Authority::new(&root, &roots)?;
        let state = Rc::new(State::default());
        state.table.borrow_mut().indexes = indexes;
        let mut addresses = BTreeMap::new();
        for name in SERVICES {
            let service = Rc::new(Service {
                name,
                state: Rc::clone(&state),
            });
            let tls = Some(authority.acceptor.clone());
            addresses.insert(name, serve(service, tls).await?);
        }
        Ok(Self {
            state,
            root,
            roots,
            addresses,
        })
    }

    /// What a process needs to find the services.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.display().to_string();
        let mut variables: Vec<_> = self
            .addresses
            .iter()
            .map(|(name, address)| {
                (
                    format!("AWS_ENDPOINT_URL_{name}"),
                    format!("https://{address}"),
                )
            })
            .collect();
        variables.push(("SSL_CERT_FILE".to_owned(), text(&self.roots)));
        // Node adds to the roots that it has compiled in.
        variables.push(("NODE_EXTRA_CA_CERTS".to_owned(), text(&self.root)));
        variables.push(("BENCH_ROOT".to_owned(), text(&self.root)));
        variables
    }
}

/// What is read of a request for a job.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    user_metadata: Value,
}

struct Service {
    name: &'static str,
    state: Rc<State>,
}

impl Handler for Service {
    async fn answer(&self, head: Parts, body: Bytes) -> Answer {
        self.respond(&head, &body).unwrap_or_else(|error| {
            let message = format!("{} {}: {error:#}", head.method, head.uri);
            // 400: the SDK would try again on 500.
            let body = json!({"__type": "ValidationException", "message": message}).to_string();
            answer(400, "application/json", body)
        })
    }
}

impl Service {
    fn respond(&self, head: &Parts, body: &Bytes) -> anyhow::Result<Answer> {
        let path = head.uri.path();
        let query = head.uri.query().unwrap_or_default();
        let method = head.method.as_str();
        let target = head
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        let operation = match (self.name, method, target) {
            (_, _, Some(target)) => target.rsplit_once('.').map_or(target, |(_, name)| name),
            ("MEDIACONVERT", "POST", _) if path.ends_with("/probe") => "Probe",
            ("MEDIACONVERT", "POST", _) if path.ends_with("/jobs") => "CreateJob",
            ("S3", "GET", _) if query.contains("versions") => "ListObjectVersions",
            ("S3", "GET", _) if query.contains("tagging") => "GetObjectTagging",
            ("S3", "GET", _) if query.contains("list-type=2") => "ListObjectsV2",
            ("S3", "GET", _) => "GetObject",
            ("S3", "HEAD", _) => "HeadObject",
            ("S3", "POST", _) if query.contains("uploads") => "CreateMultipartUpload",
            ("LAMBDA", "POST", _) => "Invoke",
            (name, method, _) => bail!("the bench's {name} can't {method} {path}"),
        };
        *self
            .state
            .calls
            .borrow_mut()
            .entry(format!("{} {operation}", self.name))
            .or_default() += 1;
        match (self.name, operation) {
            ("DYNAMODB", _) => {
                let found = self.state.table.borrow_mut().respond(operation, body)?;
                Ok(answer(200, "application/x-amz-json-1.0", found))
            }
            ("MEDIACONVERT", "Probe") => {
                Ok(answer(200, "application/json", source::probe().to_string()))
            }
            ("MEDIACONVERT", "CreateJob") => {
                let job: Created = serde_json::from_slice(body)?;
                self.state.jobs.borrow_mut().push(job.user_metadata);
                // MediaConvert answers with all that it was given.
                let fields = std::str::from_utf8(body)?.trim_start_matches('{');
                let job = format!(
                    r#"{{"job":{{"id":"{JOB_ID}","status":"SUBMITTED","createdAt":1768471204,{fields}}}"#
                );
                Ok(answer(201, "application/json", job))
            }
            ("S3", "GetObject") => {
                let wanted = head.headers.get(RANGE).context("a range")?.to_str()?;
                let wanted = wanted.strip_prefix("bytes=").context("a range of bytes")?;
                let (first, last) = wanted.split_once('-').context("a first and a last")?;
                let found = source::range(&(first.parse()?..=last.parse()?));
                let mut answer = answer(206, "video/mp4", found.context("a shorter range")?);
                let range = format!("bytes {wanted}/{}", source::SIZE_BYTES);
                answer
                    .headers_mut()
                    .insert(CONTENT_RANGE, HeaderValue::from_str(&range)?);
                Ok(answer)
            }
            ("S3", "GetObjectTagging") => Ok(answer(200, "application/xml", NO_TAGS)),
            ("S3", "HeadObject") => Ok(answer(200, "video/mp4", "")),
            ("S3", "CreateMultipartUpload") => Ok(answer(200, "application/xml", UPLOAD)),
            ("S3", "ListObjectVersions") => Ok(answer(200, "application/xml", NO_VERSIONS)),
            ("S3", "ListObjectsV2") => Ok(answer(200, "application/xml", NO_OBJECTS)),
            ("LAMBDA", "Invoke") => Ok(answer(202, "application/json", "")),
            (name, operation) => bail!("the bench's {name} knows no {operation}"),
        }
    }
}

/// S3's answer for an object without tags.
const NO_TAGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet></TagSet></Tagging>"#;

/// S3's answer where an upload in parts begins.
const UPLOAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>bucket</Bucket><Key>key</Key><UploadId>VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA</UploadId></InitiateMultipartUploadResult>"#;

/// S3's list of an empty bucket, and of the versions in it.
const NO_OBJECTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"#;
const NO_VERSIONS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListVersionsResult>"#;

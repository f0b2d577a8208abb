//! What is measured: our functions, what others run for the same, and the floor.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::aws::{Aws, JOB_ID};
use crate::lambda::Program;

/// A program under the Runtime API.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// What the table calls it.
    pub(crate) name: String,
    /// What it is given.
    pub(crate) trigger: Trigger,
    /// What runs.
    pub(crate) program: Program,
    /// The files that are deployed.
    pub(crate) package: Vec<PathBuf>,
}

/// What a function is given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trigger {
    /// A new upload through the API, each time another one.
    Upload,
    /// A new object that nobody announced, each time another one.
    DropIn,
    /// A job that is done, each time of another video.
    JobDone,
    /// A round of repairs, of a library in which all is well.
    Schedule,
    /// A request for a page of the library.
    Library,
}

/// What our functions are given, and which function that is for.
const OURS: [(&str, &str, Trigger); 5] = [
    ("submit", "submit", Trigger::Upload),
    ("submit, a drop-in", "submit", Trigger::DropIn),
    ("complete", "complete", Trigger::JobDone),
    ("reconcile", "reconcile", Trigger::Schedule),
    ("api, a list of 100 videos", "api", Trigger::Library),
];

/// Our functions, those that were built to `directory`.
pub(crate) fn ours(directory: &Path, aws: &Aws) -> Vec<Function> {
    let built = OURS.iter().filter_map(|(name, function, trigger)| {
        let bootstrap = directory.join(function).join("bootstrap");
        bootstrap.exists().then(|| Function {
            name: (*name).to_owned(),
            trigger: *trigger,
            program: Program {
                command: bootstrap.clone(),
                arguments: Vec::new(),
                environment: environment(function, aws),
            },
            package: vec![bootstrap],
        })
    });
    built.collect()
}

/// Programs of `directory` to compare with, as its README says; those that can run here.
pub(crate) fn peers(directory: &Path, aws: &Aws) -> Vec<Function> {
    let mut found = Vec::new();
    let node = |name: &str, file: &str, trigger, sdk: bool| {
        let package = if sdk {
            vec![directory.join("node_modules")]
        } else {
            Vec::new()
        };
        Function {
            name: name.to_owned(),
            trigger,
            program: Program {
                command: PathBuf::from("node"),
                arguments: vec![directory.join(file).display().to_string()],
                environment: environment("peer", aws),
            },
            package: [package, vec![directory.join(file)]].concat(),
        }
    };
    if directory.join("node_modules/aws-sdk").exists() {
        found.push(node("Node.js convert", "convert.js", Trigger::Upload, true));
        found.push(node(
            "Node.js complete",
            "complete.js",
            Trigger::JobDone,
            true,
        ));
    }
    if found_on_path("node") && directory.join("nothing.js").exists() {
        found.push(node(
            "Node.js, nothing",
            "nothing.js",
            Trigger::Upload,
            false,
        ));
    }
    let floor = directory.join("floor");
    if floor.exists() {
        found.push(Function {
            name: "static C, one call".to_owned(),
            trigger: Trigger::JobDone,
            program: Program {
                command: floor.clone(),
                arguments: Vec::new(),
                environment: environment("peer", aws),
            },
            package: vec![floor],
        });
    }
    found
}

fn found_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).exists())
}

/// The variables that Lambda and the template set.
fn environment(name: &str, aws: &Aws) -> Vec<(String, String)> {
    let stack = "vod-source-000000000000-us-east-1";
    let fixed = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("LANG", "en_US.UTF-8"),
        ("TZ", ":UTC"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/15/[$LATEST]bench"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("SOURCE_BUCKET", stack),
        ("CONVERTED_BUCKET", "vod-converted-000000000000-us-east-1"),
        (
            "CONFIGURATION_BUCKET",
            "vod-configuration-000000000000-us-east-1",
        ),
        ("VIDEOS_TABLE", "vod-videos"),
        ("SUBMIT_FUNCTION", "vod-submit"),
        ("RECONCILE_FUNCTION", "vod-reconcile"),
        ("SITE_URL", "https://d111111abcdef8.cloudfront.net"),
        ("UPLOAD_DAYS", "7"),
        ("CURSOR_KEY", "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"),
        ("USER_POOL_CLIENT_ID", "3n4b5urk1ft4fl3mg5e62d9ado"),
        (
            "MEDIACONVERT_ROLE_ARN",
            "arn:aws:iam::000000000000:role/vod-mediaconvert",
        ),
        (
            "MEDIACONVERT_QUEUE_ARN",
            "arn:aws:mediaconvert:us-east-1:000000000000:queues/Default",
        ),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // As long as a role's: it is part of each request, and of each signed address.
    let token = ("AWS_SESSION_TOKEN".to_owned(), "IQoJb3Jp".repeat(110));
    fixed
        .into_iter()
        .chain([token])
        .chain(aws.environment())
        .collect()
}

/// The event of the upload through the API with this number.
pub(crate) fn upload(number: usize) -> anyhow::Result<Bytes> {
    uploaded(&format!("videos/{}/source.mp4", video_id(number)))
}

/// The event of the drop-in with this number.
pub(crate) fn drop_in(number: usize) -> anyhow::Result<Bytes> {
    uploaded(&format!("films/{number}.mp4"))
}

/// The id of the upload with this number.
pub(crate) fn video_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The event of an object with this key.
pub(crate) fn uploaded(key: &str) -> anyhow::Result<Bytes> {
    let mut event: Value =
        serde_json::from_str(include_str!("../../../events/s3-object-created.json"))?;
    let object = event
        .pointer_mut("/Records/0/s3/object")
        .context("an object")?;
    object["key"] = json!(key);
    object["size"] = json!(crate::aws::SOURCE_BYTES);
    Ok(event.to_string().into())
}

/// A job event from `events/`, about the job that has this user metadata.
pub(crate) fn job_event(text: &str, user_metadata: &Value) -> anyhow::Result<Bytes> {
    let mut event: Value = serde_json::from_str(text)?;
    event["detail"]["jobId"] = json!(JOB_ID);
    event["detail"]["userMetadata"] = user_metadata.clone();
    Ok(event.to_string().into())
}

/// The event of a job that is done.
pub(crate) fn job_done(user_metadata: &Value) -> anyhow::Result<Bytes> {
    job_event(
        include_str!("../../../events/mediaconvert-job-complete.json"),
        user_metadata,
    )
}

/// Size of a package when it is deflated, KiB.
pub(crate) fn package_kib(package: &[PathBuf]) -> anyhow::Result<f64> {
    let mut bytes = 0;
    for path in package {
        bytes += deflated(path)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "no package has 2^52 bytes")]
    Ok(bytes as f64 / 1024.0)
}

fn deflated(path: &Path) -> anyhow::Result<usize> {
    if path.is_dir() {
        return fs::read_dir(path)?.try_fold(0, |sum, entry| Ok(sum + deflated(&entry?.path())?));
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&fs::read(path)?)?;
    Ok(encoder.finish()?.len())
}

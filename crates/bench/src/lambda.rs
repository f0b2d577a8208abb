//! The Lambda Runtime API, and a function's process under it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use crate::http::{Answer, Handler, answer, serve};
use crate::process;

/// Time after which a process that says nothing is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that speaks the Runtime API.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What to run.
    pub(crate) command: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<String>,
    /// All of its variables.
    pub(crate) environment: Vec<(String, String)>,
}

/// A process that has been started for a program.
pub(crate) struct Sandbox {
    child: Child,
    started: Instant,
    events: mpsc::UnboundedSender<Bytes>,
    heard: mpsc::UnboundedReceiver<(Instant, Heard)>,
}

/// What a process said.
enum Heard {
    /// It asks for an event.
    Next,
    /// It answered one.
    Response(Bytes),
    /// It failed.
    Error(Bytes),
}

impl fmt::Display for Heard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Next => write!(formatter, "the function asked for an event"),
            Self::Response(body) => write!(formatter, "the function answered {body:?}"),
            Self::Error(body) => write!(formatter, "the function failed: {body:?}"),
        }
    }
}

impl Sandbox {
    /// Starts a process.
    pub(crate) async fn start(program: &Program) -> anyhow::Result<Self> {
        let (events, receiver) = mpsc::unbounded_channel();
        let (sender, heard) = mpsc::unbounded_channel();
        let api = RuntimeApi {
            events: Mutex::new(receiver),
            heard: sender,
        };
        let address = serve(Rc::new(api), None).await?;
        let mut command = Command::new(&program.command);
        command
            .args(&program.arguments)
            .env_clear()
            .envs(program.environment.iter().cloned())
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("start {}", program.command.display()))?;
        Ok(Self {
            child,
            started,
            events,
            heard,
        })
    }

    /// Waits until the process asks for an event; time since it was started.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<Duration> {
        match self.hear().await? {
            (at, Heard::Next) => Ok(at - self.started),
            (_, heard) => bail!("instead of asking for an event, {heard}"),
        }
    }

    /// Has the process handle an event, after [`Sandbox::ready`]; its answer, and the time that it took.
    pub(crate) async fn invoke(&mut self, event: Bytes) -> anyhow::Result<(Bytes, Duration)> {
        let sent = Instant::now();
        self.events
            .send(event)
            .ok()
            .context("the function is gone")?;
        match self.hear().await? {
            (at, Heard::Response(body)) => Ok((body, at - sent)),
            (_, heard) => bail!("{heard}"),
        }
    }

    /// Time since the process was started.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// What the process has used until now.
    pub(crate) fn peak_mib(&self) -> anyhow::Result<f64> {
        process::peak_mib(self.child.id().context("the function has ended")?)
    }

    async fn hear(&mut self) -> anyhow::Result<(Instant, Heard)> {
        tokio::select! {
            heard = timeout(PATIENCE, self.heard.recv()) => {
                heard.context("the function says nothing")?.context("the function is gone")
            }
            status = self.child.wait() => bail!("the function ended: {}", status?),
        }
    }
}

struct RuntimeApi {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    heard: mpsc::UnboundedSender<(Instant, Heard)>,
}

impl Handler for RuntimeApi {
    async fn answer(&self, head: Parts, body: Bytes) -> Answer {
        let at = Instant::now();
        let path = head.uri.path();
        let said = if path.ends_with("/next") {
            Heard::Next
        } else if path.ends_with("/response") {
            Heard::Response(body)
        } else {
            Heard::Error(body)
        };
        let next = matches!(said, Heard::Next);
        // Nobody listens when the process is being ended.
        let _ = self.heard.send((at, said));
        if !next {
            return answer(202, "application/json", "");
        }
        let Some(event) = self.events.lock().await.recv().await else {
            return answer(500, "text/plain", "no more events");
        };
        let mut response = answer(200, "application/json", event);
        let deadline = jiff::Timestamp::now().as_millisecond() + 60_000;
        for (name, value) in [
            (
                "lambda-runtime-aws-request-id",
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            ),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:000000000000:function:bench",
            ),
            (
                "lambda-runtime-trace-id",
                "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
            ),
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
            .headers_mut()
            .insert("lambda-runtime-deadline-ms", HeaderValue::from(deadline));
        response
    }
}

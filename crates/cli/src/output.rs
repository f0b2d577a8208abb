//! What people and scripts see: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write, stderr, stdin, stdout};

use anyhow::Context;
use serde::Serialize;

use crate::api::ApiError;

/// Text or JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints `value` for a script, or else `text` for a person.
    pub(crate) fn print(
        self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let line = if self.json {
            serde_json::to_string(value)?
        } else {
            text()
        };
        writeln!(stdout().lock(), "{line}").context("write the output")
    }

    /// Tells a person what happens meanwhile; scripts don't see it.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            // Nobody is left to be told of a failing standard error.
            let _ = writeln!(stderr().lock(), "{text}");
        }
    }

    /// Whether moving progress bars can be drawn.
    pub(crate) fn shows_progress(self) -> bool {
        !self.json && stderr().is_terminal()
    }

    /// Says what went wrong: for scripts as the API's problem document, where there is one.
    pub(crate) fn error(self, error: &anyhow::Error) {
        let problem = error.downcast_ref::<ApiError>().and_then(ApiError::problem);
        let line = match problem {
            Some(problem) if self.json => serde_json::to_string(problem).unwrap_or_default(),
            _ if self.json => serde_json::json!({"title": format!("{error:#}")}).to_string(),
            _ => format!("error: {error:#}"),
        };
        let _ = writeln!(stderr().lock(), "{line}");
    }
}

/// Asks a yes-or-no question; no where nobody can answer.
pub(crate) fn confirm(question: &str) -> anyhow::Result<bool> {
    if !stdin().is_terminal() {
        anyhow::bail!("nobody can be asked here; say --yes if you mean it");
    }
    write!(stderr().lock(), "{question} [y/N] ")?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Whether the reader of the output went away, as `head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

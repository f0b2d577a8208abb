//! One job from its source to its outputs.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::gather::Gathered;
use super::growing::Encoding;
use super::policy;
use super::prepare::{Outgoing, Prepared, prepare};
use super::upload::{Moved, Upload};
use super::{Inner, JOB_PREFIX, Open};
use crate::clock::Moment;
use crate::events::{self, GroupDetail};
use crate::ffmpeg::{self, Ended, Report, RunError};
use crate::job::{Failure, Job, Phase, Progress, State, Warning};
use crate::plan::{Plan, PlanError, names, plan};
use crate::settings::Settings;

/// Why a run ended without outputs.
pub(super) enum Stop {
    /// By a caller, or because the server stops.
    Canceled,
    /// By itself.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A job at work.
pub(super) struct Run<'a> {
    workers: &'a Inner,
    job: &'a Job,
    open: &'a Open,
}

impl<'a> Run<'a> {
    pub(super) fn new(workers: &'a Inner, job: &'a Job, open: &'a Open) -> Self {
        Self { workers, job, open }
    }

    pub(super) async fn to_end(&self) -> Result<Vec<GroupDetail>, Stop> {
        self.misbehave().await?;
        policy::check(&self.workers.store, self.job.settings())?;
        let mut settings = Settings::from_json(self.job.settings())
            .map_err(|error| Failure::new(1040, format!("The settings can't be used: {error}.")))?;
        let started = self.job.started.unwrap_or_else(Moment::now);
        names::resolve_start(&mut settings, &started.rfc3339());
        let role = self.job.text("role").unwrap_or_default();
        let bucket = self
            .or_canceled(self.workers.storage.assume(role, &self.job.id))
            .await??;
        let gathered = self
            .or_canceled(Box::pin(Gathered::new(&settings, &bucket)))
            .await??;
        self.progress(Progress {
            phase: Phase::Probing,
            percent: 100,
            frames: 0,
        });
        let event = events::input_information(&self.workers.sender, self.job, &gathered.sources);
        self.open.outbox.send(self.workers.store.post(event));
        let folder = TempDir::with_prefix_in(
            format!("{JOB_PREFIX}{}-", self.job.id),
            &self.workers.options.folder,
        )
        .map_err(|error| {
            Failure::new(1999, format!("The work folder can't be written: {error}."))
        })?;
        let plan = plan(&settings, &gathered.sources).map_err(|error| unplanned(&error))?;
        self.warn(&gathered.warnings);
        self.warn(&plan.warnings);
        // Whatever fails first ends the rest.
        let halt = self.open.cancel.child_token();
        let upload = Upload::new(bucket, halt.clone());
        let result = self.make(plan, &folder, &upload, &halt).await;
        drop(gathered);
        if result.is_err() {
            upload.undo(&self.workers.storage.own()).await;
        }
        result
    }

    /// The faults that were asked for.
    async fn misbehave(&self) -> Result<(), Stop> {
        let request = Value::Object(self.job.request.clone());
        let fate = self.workers.options.faults.on_job(&request);
        self.or_canceled(tokio::time::sleep(fate.delay)).await?;
        fate.failure.map_or(Ok(()), |failure| Err(failure.into()))
    }

    async fn or_canceled<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            result = work => Ok(result),
            () = self.open.cancel.cancelled() => Err(Stop::Canceled),
        }
    }

    /// Runs ffmpeg; tells how many seconds it wrote.
    async fn transcode(
        &self,
        plan: &Plan,
        folder: &Path,
        halt: &CancellationToken,
    ) -> Result<f64, Stop> {
        let arguments = match self.workers.options.threads {
            Some(threads) => ffmpeg::with_threads(&plan.arguments, threads),
            None => plan.arguments.clone(),
        };
        info!(
            job_id = self.job.id,
            "running ffmpeg {}",
            command_line(&arguments)
        );
        for (name, text) in &plan.files {
            std::fs::write(folder.join(name), text).map_err(|error| {
                Failure::new(1999, format!("The work folder can't be written: {error}."))
            })?;
        }
        let duration = plan.duration.unwrap_or(0.0);
        self.progress(Progress {
            phase: Phase::Transcoding,
            percent: 0,
            frames: 0,
        });
        let report = |report: Report| {
            let percent = percent(report.seconds, duration);
            self.progress(Progress {
                phase: Phase::Transcoding,
                percent,
                frames: report.frames,
            });
        };
        let started = Instant::now();
        let ended = ffmpeg::run(
            &arguments,
            folder,
            halt,
            self.workers.options.patience,
            report,
        )
        .await;
        self.workers.options.metrics.ffmpeg(started.elapsed());
        match ended {
            Ok(ended) => {
                judge(&ended)?;
                Ok(ended.report.seconds)
            }
            Err(RunError::Canceled) => Err(Stop::Canceled),
            Err(error @ RunError::Stalled(_)) => {
                Err(Failure::new(1999, format!("The job was stopped: {error}.")).into())
            }
            Err(RunError::Io(error)) => {
                Err(Failure::new(1999, format!("ffmpeg could not be run: {error}.")).into())
            }
        }
    }

    /// Encodes, cuts and uploads, all at the same time; what tells of the media is written in the end.
    async fn make(
        &self,
        plan: Plan,
        folder: &TempDir,
        upload: &Upload,
        halt: &CancellationToken,
    ) -> Result<Vec<GroupDetail>, Stop> {
        let (outgoing, objects) = Outgoing::new();
        let encoding = Encoding::default();
        let ending = encoding.ending();
        let (plan, path) = (Arc::new(plan), folder.path().to_owned());
        let (its_plan, its_path) = (plan.clone(), path.clone());
        let preparing =
            tokio::task::spawn_blocking(move || prepare(&its_plan, &its_path, &encoding, outgoing));
        let encode = async {
            let seconds = self.transcode(&plan, &path, halt).await;
            if let Ok(seconds) = &seconds {
                self.uploaded(Moved::default());
                ending.done(*seconds);
            } else {
                halt.cancel();
                drop(ending);
            }
            seconds
        };
        let move_out = async {
            let report = |moved: Moved| {
                if self.phase() == Phase::Uploading {
                    self.uploaded(moved);
                }
            };
            let uploaded = upload.stream(objects, report).await;
            if uploaded.is_err() {
                halt.cancel();
            }
            uploaded
        };
        let prepare = async {
            let broken = |error| Failure::new(1999, format!("Packaging broke off: {error}."));
            let prepared = preparing.await.map_err(broken).flatten();
            if prepared.is_err() {
                halt.cancel();
            }
            prepared
        };
        let (seconds, uploaded, prepared) = tokio::join!(encode, move_out, prepare);
        let (seconds, prepared) =
            whole(self.open.cancel.is_cancelled(), seconds, uploaded, prepared)?;
        complete_enough(plan.duration, prepared.longest().unwrap_or(seconds))?;
        let details = upload.finish(prepared).await?;
        Ok(details)
    }

    fn uploaded(&self, moved: Moved) {
        let done = percent(as_float(moved.done), as_float(moved.begun.max(1)));
        self.progress(Progress {
            phase: Phase::Uploading,
            percent: done,
            frames: self.now().frames,
        });
    }

    fn phase(&self) -> Phase {
        self.now().phase
    }

    fn now(&self) -> Progress {
        match self.workers.store.get(&self.job.id).map(|job| job.state) {
            Some(State::Progressing(progress)) => progress,
            _ => Progress::default(),
        }
    }

    fn progress(&self, progress: Progress) {
        self.workers.store.progress(&self.job.id, progress);
    }

    /// Adds warnings, but for those that an earlier start of the job added.
    fn warn(&self, warnings: &[String]) {
        let warnings = warnings.iter().cloned().map(Warning::from);
        for warning in warnings.filter(|warning| !self.job.warnings.contains(warning)) {
            let changed = self.workers.store.change(
                &self.job.id,
                |job| job.warnings.push(warning.clone()),
                |job| vec![events::new_warning(&self.workers.sender, job, &warning)],
            );
            if let Some((_, posted)) = changed {
                self.open.outbox.send(posted);
            }
        }
    }
}

/// The reason why a job failed that was halted: what ffmpeg says comes before what it made fail, and
/// all that comes before the halt itself.
fn whole(
    canceled: bool,
    seconds: Result<f64, Stop>,
    uploaded: Result<(), Stop>,
    prepared: Result<Prepared, Failure>,
) -> Result<(f64, Prepared), Stop> {
    match (seconds, uploaded, prepared) {
        _ if canceled => Err(Stop::Canceled),
        (Ok(seconds), Ok(()), Ok(prepared)) => Ok((seconds, prepared)),
        (Err(Stop::Failed(failure)), _, _)
        | (_, Err(Stop::Failed(failure)), _)
        | (_, _, Err(failure)) => Err(Stop::Failed(failure)),
        _ => Err(Stop::Canceled),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of files are far below 2^52"
)]
fn as_float(count: usize) -> f64 {
    count as f64
}

fn unplanned(error: &PlanError) -> Failure {
    let code = match error {
        PlanError::NoVideo => 1020,
        PlanError::NoAudio | PlanError::NoTrack(_) => 1021,
        PlanError::Timecode(_) => 1060,
        PlanError::Unsupported(_) => 1040,
    };
    let mut sentence = error.to_string();
    if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &first);
    }
    Failure::new(code, format!("{sentence}."))
}

/// What ffmpeg's end says about the source.
fn judge(ended: &Ended) -> Result<(), Failure> {
    let broken = ended.said.iter().find(|line| {
        let line = line.to_lowercase();
        ["partial file", "truncated", "packet corrupt"]
            .iter()
            .any(|sign| line.contains(sign))
    });
    if let Some(line) = broken {
        return Err(Failure::new(
            1076,
            format!(
                "Reading the input failed, it seems to be truncated: {}.",
                plain(line)
            ),
        ));
    }
    if ended.success {
        return Ok(());
    }
    let errors = || {
        ended
            .said
            .iter()
            .filter(|line| line.contains("[error]") || line.contains("[fatal]"))
    };
    let last = errors()
        .next_back()
        .or(ended.said.last())
        .map_or("no reason given".to_owned(), |line| plain(line));
    if ended.said.iter().any(|line| line.contains("No space left")) {
        let message = "The disk of the work folder is full: free space on it, or name another \
                       --work-dir.";
        return Err(Failure::new(1999, message));
    }
    if let Some(line) = ended
        .said
        .iter()
        .find(|line| line.contains("No such filter"))
    {
        let message = format!(
            "The settings need a filter that this ffmpeg was built without: {}. Put another ffmpeg on PATH.",
            plain(line)
        );
        return Err(Failure::new(1040, message));
    }
    if let Some(signal) = ended.signal {
        let message = format!("ffmpeg was killed by signal {signal}.");
        return Err(Failure::new(1999, message));
    }
    if errors().any(|line| line.contains("Invalid data found")) {
        return Err(Failure::new(
            1075,
            format!("The input could not be demuxed or decoded: {last}."),
        ));
    }
    Err(Failure::new(1999, format!("ffmpeg failed: {last}.")))
}

/// A line of ffmpeg's without its prefix in brackets.
fn plain(line: &str) -> String {
    let mut rest = line;
    while let Some((_, after)) = rest
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        rest = after.trim_start();
    }
    rest.trim_end_matches('.').to_owned()
}

/// Outputs that are shorter than the source says mean that its end is missing, even where ffmpeg
/// makes the best of it.
fn complete_enough(expected: Option<f64>, seconds: f64) -> Result<(), Failure> {
    match expected {
        Some(expected) if seconds + tolerance(expected) < expected => Err(Failure::new(
            1076,
            format!(
                "Reading the input failed: it should last {expected:.2} s, but only {seconds:.2} s could be decoded."
            ),
        )),
        _ => Ok(()),
    }
}

/// Containers round, and tell of a last frame that is not there.
fn tolerance(expected: f64) -> f64 {
    (expected * 0.01).clamp(0.5, 2.0)
}

fn percent(done: f64, total: f64) -> u8 {
    if total <= 0.0 {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0 to 100"
    )]
    let percent = (done / total * 100.0).clamp(0.0, 100.0) as u8;
    percent
}

/// As one would type it.
fn command_line(arguments: &[String]) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:,=+%@".contains(c);
    let quote = |argument: &String| {
        if !argument.is_empty() && argument.chars().all(safe) {
            argument.clone()
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    };
    arguments.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(success: bool, said: &[&str]) -> Ended {
        Ended {
            success,
            signal: None,
            said: said.iter().map(ToString::to_string).collect(),
            report: Report::default(),
        }
    }

    #[test]
    fn a_cut_off_file_is_a_failure_even_when_ffmpeg_is_content() {
        let line = "[mov,mp4 @ 0x55] [error] stream 0, offset 0x80e1: partial file";
        let failure = judge(&ended(true, &[line])).unwrap_err();
        assert_eq!(failure.code, 1076);
        assert!(
            failure
                .message
                .ends_with("stream 0, offset 0x80e1: partial file."),
            "{failure}"
        );
    }

    #[test]
    fn another_end_of_ffmpeg_is_unknown() {
        let failure = judge(&ended(false, &["[fatal] Out of luck"])).unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (1999, "ffmpeg failed: Out of luck.")
        );
    }

    #[test]
    fn a_full_disk_and_a_signal_are_told() {
        let full = judge(&ended(
            false,
            &["[error] av_interleaved_write_frame(): No space left on device"],
        ));
        let full = full.unwrap_err();
        assert!(
            full.code == 1999 && full.message.starts_with("The disk"),
            "{full}"
        );
        let killed = Ended {
            signal: Some(9),
            ..ended(false, &[])
        };
        let killed = judge(&killed).unwrap_err();
        assert_eq!(killed.message, "ffmpeg was killed by signal 9.");
    }

    #[test]
    fn a_command_line_can_be_pasted() {
        let arguments = ["-i".to_owned(), "/a b/it's".to_owned()];
        assert_eq!(command_line(&arguments), r"-i '/a b/it'\''s'");
    }
}

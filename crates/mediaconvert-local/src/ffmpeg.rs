//! Runs ffmpeg and listens to it.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// Lines of ffmpeg's that are kept for the reason of a failure.
const KEPT_LINES: usize = 40;

/// How far ffmpeg is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// Pictures of the first output.
    pub frames: u64,
    /// Seconds written.
    pub seconds: f64,
}

/// How ffmpeg ended.
#[derive(Debug)]
pub struct Ended {
    /// With status 0.
    pub success: bool,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// Its last warnings and errors.
    pub said: Vec<String>,
    /// Its last report.
    pub report: Report,
}

/// Why there is no end to tell of.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It did not start, or its output broke off.
    #[error("run ffmpeg")]
    Io(#[from] std::io::Error),
    /// It was killed, because it made no progress for so long.
    #[error("ffmpeg made no progress for {} s", .0.as_secs())]
    Stalled(Duration),
    /// It was killed on request.
    #[error("ffmpeg was stopped")]
    Canceled,
}

/// Runs ffmpeg in `folder` until its end, or kills it when `cancel` says so. Reports go to `report`
/// about twice a second. It is killed as well when it makes no progress for `patience`.
///
/// # Errors
///
/// When it can't be started, and when it was killed.
pub async fn run(
    arguments: &[String],
    folder: &Path,
    cancel: &CancellationToken,
    patience: Duration,
    report: impl Fn(Report),
) -> Result<Ended, RunError> {
    let mut program = crate::process::command("ffmpeg");
    // SVT-AV1 describes itself at length, which would push out what matters of the last lines.
    program.env("SVT_LOG", "1");
    watch(program, arguments, folder, cancel, patience, report).await
}

/// The same command with a number of threads for the decoders, filters and encoders.
pub fn with_threads(arguments: &[String], threads: usize) -> Vec<String> {
    let number = threads.to_string();
    let mut limited = vec!["-filter_complex_threads".to_owned(), number.clone()];
    for argument in arguments {
        // An option counts for the file that follows. Each output begins with the second of these.
        if ["-i", "-max_muxing_queue_size"].contains(&argument.as_str()) {
            limited.extend(["-threads".to_owned(), number.clone()]);
        }
        limited.push(argument.clone());
    }
    limited
}

async fn watch(
    mut program: Command,
    arguments: &[String],
    folder: &Path,
    cancel: &CancellationToken,
    patience: Duration,
    report: impl Fn(Report),
) -> Result<Ended, RunError> {
    let moved = Mutex::new((Instant::now(), Report::default()));
    let report = |now: Report| {
        let mut moved = moved.lock().unwrap_or_else(PoisonError::into_inner);
        if moved.1 != now {
            *moved = (Instant::now(), now);
        }
        drop(moved);
        report(now);
    };
    let stalled = async {
        loop {
            let since = moved.lock().unwrap_or_else(PoisonError::into_inner).0;
            match patience.checked_sub(since.elapsed()) {
                Some(rest) if !rest.is_zero() => tokio::time::sleep(rest).await,
                _ => return,
            }
        }
    };
    let mut child = program
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let progress = child.stdout.take().map(|stdout| listen(stdout, report));
    let said = child.stderr.take().map(remember);
    let work = async {
        tokio::join!(
            async {
                match progress {
                    Some(progress) => progress.await,
                    None => Report::default(),
                }
            },
            async {
                match said {
                    Some(said) => said.await,
                    None => Vec::new(),
                }
            }
        )
    };
    tokio::select! {
        (report, said) = work => {
            let status = child.wait().await?;
            Ok(Ended { success: status.success(), signal: status.signal(), said, report })
        }
        () = stalled => {
            child.kill().await?;
            Err(RunError::Stalled(patience))
        }
        () = cancel.cancelled() => {
            child.kill().await?;
            Err(RunError::Canceled)
        }
    }
}

async fn listen(stdout: impl AsyncRead + Unpin, report: impl Fn(Report)) -> Report {
    let mut lines = BufReader::new(stdout).lines();
    let mut now = Report::default();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((key, value)) = line.split_once('=') {
            now.read(key.trim(), value.trim());
            if key == "progress" {
                report(now);
            }
        }
    }
    now
}

impl Report {
    fn read(&mut self, key: &str, value: &str) {
        match key {
            "frame" => self.frames = value.parse().unwrap_or(self.frames),
            // Before the first packet this is `N/A`.
            "out_time_us" => {
                if let Ok(microseconds) = value.parse::<f64>() {
                    self.seconds = self.seconds.max(microseconds / 1e6);
                }
            }
            _ => {}
        }
    }
}

async fn remember(stderr: impl AsyncRead + Unpin) -> Vec<String> {
    let mut reader = BufReader::new(stderr);
    let mut kept = VecDeque::new();
    let mut line = Vec::new();
    // Bytes, not lines of text: names in the source may be in any encoding.
    while let Ok(1..) = reader.read_until(b'\n', &mut line).await {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        line.clear();
        if text.is_empty() || text.contains("deprecated pixel format") {
            continue;
        }
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(text);
    }
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_survives_times_that_are_not_available() {
        let mut report = Report::default();
        for (key, value) in [
            ("frame", "12"),
            ("out_time_us", "N/A"),
            ("out_time_us", "480000"),
        ] {
            report.read(key, value);
        }
        assert_eq!(
            report,
            Report {
                frames: 12,
                seconds: 0.48
            }
        );
    }

    #[test]
    fn threads_are_limited_of_each_file() {
        let command = "-y -i a -max_muxing_queue_size 9 b -max_muxing_queue_size 9 c";
        let arguments: Vec<String> = command.split(' ').map(ToOwned::to_owned).collect();
        assert_eq!(
            with_threads(&arguments, 2).join(" "),
            "-filter_complex_threads 2 -y -threads 2 -i a -threads 2 -max_muxing_queue_size 9 b \
             -threads 2 -max_muxing_queue_size 9 c"
        );
    }

    #[tokio::test]
    async fn ffmpeg_is_killed_on_request() {
        let cancel = CancellationToken::new();
        let arguments: Vec<String> = "-v error -re -f lavfi -i anullsrc -t 60 -f null -"
            .split(' ')
            .map(ToOwned::to_owned)
            .collect();
        let folder = std::env::temp_dir();
        let started = std::time::Instant::now();
        let (ended, ()) = tokio::join!(
            run(&arguments, &folder, &cancel, Duration::from_mins(1), |_| ()),
            async {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                cancel.cancel();
            }
        );
        assert!(matches!(ended, Err(RunError::Canceled)));
        assert!(started.elapsed().as_secs() < 30);
    }

    async fn shell(script: &str, patience: Duration) -> Result<Ended, RunError> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        let (program, cancel) = (Command::new("sh"), CancellationToken::new());
        watch(
            program,
            &arguments,
            Path::new("/"),
            &cancel,
            patience,
            |_| {},
        )
        .await
    }

    #[tokio::test]
    async fn a_process_that_hangs_is_killed() {
        // It reports, but always the same.
        let script = "while :; do echo frame=1; echo progress=continue; sleep 0.05; done";
        let ended = shell(script, Duration::from_millis(300)).await;
        assert!(matches!(ended, Err(RunError::Stalled(_))), "{ended:?}");
    }

    #[tokio::test]
    async fn a_process_that_moves_is_left_alone_and_its_signal_is_told() {
        let script = "for n in 1 2 3 4 5 6; do echo frame=$n; echo progress=continue; sleep 0.1; done; kill -9 $$";
        let ended = shell(script, Duration::from_millis(400)).await.unwrap();
        assert_eq!(
            (ended.success, ended.signal, ended.report.frames),
            (false, Some(9), 6)
        );
    }
}

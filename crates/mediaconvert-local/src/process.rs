//! Programs that don't outlive the server.
//!
//! A server that is killed can't kill its ffmpeg. On Linux the kernel does it: this program starts
//! itself once more as a guard, which asks to be killed together with its parent, and then becomes
//! ffmpeg.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

use tokio::process::Command;

/// First argument of a guard; the id of the parent, the program and its arguments follow.
const GUARD: &str = "run-and-end-with-parent";

/// This program, if it can be a guard.
static GUARDED_BY: OnceLock<PathBuf> = OnceLock::new();

/// What starts `program`, guarded when [`guard_children`] was called. It must be spawned on a thread
/// that lives as long as the server, such as the runtime's own.
pub fn command(program: &str) -> Command {
    match GUARDED_BY.get() {
        Some(guard) => {
            let mut command = Command::new(guard);
            command.args([GUARD, &std::process::id().to_string(), program]);
            command
        }
        None => Command::new(program),
    }
}

/// From now on, children are guarded, where the system can do it. Only for a program that begins
/// with [`become_guarded`].
pub fn guard_children() {
    // Not by its path: the file may be replaced or removed while the server runs.
    if cfg!(target_os = "linux") {
        let _ = GUARDED_BY.set(PathBuf::from("/proc/self/exe"));
    }
}

/// Becomes the program that a parent has asked for; `None` when none has, and in all cases that this
/// call comes back from, the program could not be started.
pub fn become_guarded(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let mut arguments = arguments.skip(1);
    if arguments.next()? != GUARD {
        return None;
    }
    let parent = arguments.next()?.into_string().ok()?.parse().ok()?;
    let program = arguments.next()?;
    Some(exec(parent, &program, arguments))
}

#[cfg(target_os = "linux")]
fn exec(parent: i32, program: &OsStr, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    use std::os::unix::process::CommandExt;

    use rustix::process::{Signal, getppid, set_parent_process_death_signal};

    let guarded = set_parent_process_death_signal(Some(Signal::KILL));
    // The parent may have died before the kernel was asked.
    let orphaned = getppid().is_none_or(|now| now.as_raw_nonzero().get() != parent);
    if guarded.is_err() || orphaned {
        return ExitCode::FAILURE;
    }
    let error = std::process::Command::new(program).args(arguments).exec();
    // ffmpeg's own way to tell of an error, as its listener expects it.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    tracing::error!(
        "[fatal] {} could not be started: {error}",
        program.display()
    );
    ExitCode::from(127)
}

#[cfg(not(target_os = "linux"))]
fn exec(_parent: i32, _program: &OsStr, _: impl Iterator<Item = OsString>) -> ExitCode {
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_arguments_are_left_alone() {
        for line in [
            &["mediaconvert-local"][..],
            &["mediaconvert-local", "--jobs", "2"],
            &["mediaconvert-local", GUARD, "x", "true"],
        ] {
            assert!(become_guarded(line.iter().map(OsString::from)).is_none());
        }
    }
}

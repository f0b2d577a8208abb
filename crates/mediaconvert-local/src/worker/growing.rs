//! Files that ffmpeg is still writing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::job::Failure;

/// How long it takes at most until a reader sees what was written.
const POLL: Duration = Duration::from_millis(100);

/// Whether ffmpeg still writes. All clones tell of the same run.
#[derive(Clone, Debug, Default)]
pub(super) struct Encoding(Arc<(Mutex<Stage>, Condvar)>);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Stage {
    #[default]
    Running,
    /// All is written. Seconds that ffmpeg told of.
    Done(f64),
    /// Nothing more will be written, and what there is is of no use.
    Failed,
}

/// Tells that ffmpeg has ended: that it failed, if nothing better is told before this is dropped.
pub(super) struct Ending(Encoding);

impl Encoding {
    /// To be held while ffmpeg runs.
    pub(super) fn ending(&self) -> Ending {
        Ending(self.clone())
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits a moment, or until the end; tells what is known then.
    fn wait(&self) -> Stage {
        let stage = self.stage();
        if *stage != Stage::Running {
            return *stage;
        }
        let waited = self.0.1.wait_timeout(stage, POLL);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until ffmpeg has ended; tells how many seconds it wrote.
    pub(super) fn seconds(&self) -> Result<f64, Failure> {
        loop {
            match self.wait() {
                Stage::Running => {}
                Stage::Done(seconds) => return Ok(seconds),
                Stage::Failed => return Err(broken()),
            }
        }
    }

    /// Waits a moment, or until ffmpeg has ended; tells whether it has.
    pub(super) fn has_ended(&self) -> Result<bool, Failure> {
        match self.wait() {
            Stage::Running => Ok(false),
            Stage::Done(_) => Ok(true),
            Stage::Failed => Err(broken()),
        }
    }

    /// Opens a file as soon as it is there.
    pub(super) fn open(&self, path: &Path) -> io::Result<Growing> {
        loop {
            let stage = *self.stage();
            match File::open(path) {
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound && stage == Stage::Running =>
                {
                    self.wait();
                }
                opened => {
                    return Ok(Growing {
                        file: opened?,
                        encoding: self.clone(),
                    });
                }
            }
        }
    }
}

fn broken() -> Failure {
    Failure::new(1999, "ffmpeg did not come to its end.")
}

impl Ending {
    /// All is written.
    pub(super) fn done(self, seconds: f64) {
        *self.0.stage() = Stage::Done(seconds);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut stage = self.0.stage();
        if *stage == Stage::Running {
            *stage = Stage::Failed;
        }
        drop(stage);
        self.0.0.1.notify_all();
    }
}

/// Reads a file to its end, which is there when ffmpeg has ended.
pub(super) struct Growing {
    file: File,
    encoding: Encoding,
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Asked first: what was written before the end is read after it.
            let stage = *self.encoding.stage();
            match (self.file.read(buffer)?, stage) {
                (_, Stage::Failed) => return Err(io::Error::other("ffmpeg failed")),
                (0, Stage::Running) => {
                    self.encoding.wait();
                }
                (count, _) => return Ok(count),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;

    use super::*;

    fn read(end: impl FnOnce(&mut File, Ending)) -> io::Result<Vec<u8>> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("later");
        let encoding = Encoding::default();
        let ending = encoding.ending();
        thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut all = Vec::new();
                encoding.open(&path)?.read_to_end(&mut all)?;
                Ok(all)
            });
            let mut file = File::create(&path).unwrap();
            file.write_all(b"one ").unwrap();
            // A reader that took this for the end would be done by then.
            thread::sleep(2 * POLL);
            assert!(!reading.is_finished());
            end(&mut file, ending);
            reading.join().unwrap()
        })
    }

    #[test]
    fn a_file_is_read_while_it_grows_and_to_its_end() {
        let all = read(|file, ending| {
            file.write_all(b"two").unwrap();
            ending.done(1.0);
        });
        assert_eq!(all.unwrap(), b"one two");
    }

    #[test]
    fn the_file_of_an_ffmpeg_that_failed_has_no_end() {
        assert!(read(|_, ending| drop(ending)).is_err());
    }
}

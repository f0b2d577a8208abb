//! Progress bars, one a file.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bars of all files.
pub(super) struct Bars(MultiProgress);

impl Bars {
    /// Bars that are drawn, or none.
    pub(super) fn new(visible: bool) -> Self {
        let target = if visible {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self(MultiProgress::with_draw_target(target))
    }

    /// A bar for another file.
    pub(super) fn add(&self, path: &Path, size_bytes: u64) -> Bar {
        let template = "{wide_msg} {binary_bytes:>10} of {binary_total_bytes} {binary_bytes_per_sec:>12} {eta:>4} {bar:20}";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self.0.add(ProgressBar::new(size_bytes).with_style(style));
        bar.set_message(path.display().to_string());
        Bar(bar)
    }

    /// Writes something else than bars.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }
}

/// The bar of one file.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }

    /// Counts a part that is being sent.
    pub(super) fn part(&self) -> SentBytes {
        SentBytes(Arc::new(Counter {
            bar: self.0.clone(),
            bytes: AtomicU64::new(0),
        }))
    }
}

/// The bytes of a part on their way; taken back unless the part is kept.
#[derive(Clone)]
pub(super) struct SentBytes(Arc<Counter>);

struct Counter {
    bar: ProgressBar,
    bytes: AtomicU64,
}

impl SentBytes {
    pub(super) fn advance(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.0.bar.inc(bytes);
    }

    /// The part arrived.
    pub(super) fn keep(&self) {
        self.0.bytes.store(0, Ordering::Relaxed);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.bar.dec(self.bytes.load(Ordering::Relaxed));
    }
}

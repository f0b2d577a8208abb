//! What the kernel says about a process.

use std::fs;

use anyhow::Context as _;

/// What a process has used since it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time of all its threads that live, milliseconds.
    pub(crate) cpu_ms: f64,
    /// Most memory that it had resident at once, MiB.
    pub(crate) peak_mib: f64,
}

impl Usage {
    /// Reads `/proc`.
    pub(crate) fn of(process: u32) -> anyhow::Result<Self> {
        let mut nanoseconds = 0.0;
        for thread in fs::read_dir(format!("/proc/{process}/task"))? {
            // In nanoseconds, where /proc/N/stat counts hundredths of a second.
            let schedule = fs::read_to_string(thread?.path().join("schedstat"))?;
            let first = schedule.split(' ').next().context("a schedstat")?;
            nanoseconds += first.parse::<f64>()?;
        }
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
            .context("the peak of the resident memory")?;
        Ok(Self {
            cpu_ms: nanoseconds / 1e6,
            peak_mib: peak.parse::<f64>()? / 1024.0,
        })
    }
}

//! What the kernel says about a process.

use std::fs;

use anyhow::Context as _;

/// Most memory that a process had resident at once since it was started, MiB.
pub(crate) fn peak_mib(process: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"))
        .context("the peak of the resident memory")?;
    Ok(peak.parse::<f64>()? / 1024.0)
}

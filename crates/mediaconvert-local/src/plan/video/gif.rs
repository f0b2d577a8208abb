//! Animated pictures.

use super::Arguments;

pub(super) fn arguments() -> Vec<String> {
    let mut out = Arguments::default();
    out.set("-c:v", "gif");
    out.0
}

/// A palette for each frame: one for all would hold the whole video in memory until its end.
pub(super) fn filters(name: &str) -> String {
    format!(
        "split[{name}a][{name}b];[{name}a]palettegen=stats_mode=single[{name}p];\
         [{name}b][{name}p]paletteuse=new=1"
    )
}

//! What is drawn over pictures: images and timecodes.

use std::fmt::Write as _;

use crate::ratio::Ratio;
use crate::settings::{ImageInserter, InsertableImage, TimecodeBurnin};
use crate::sources::Image;
use crate::timecode::Timecode;

/// When something is drawn, at the times of the pictures below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Frames per second.
    pub(super) rate: Ratio,
    /// Number of the first frame.
    pub(super) first: i64,
    /// Whether timecodes drop numbers.
    pub(super) drops: bool,
    /// When that frame is shown. Seconds.
    pub(super) start: f64,
}

impl Clock {
    /// When the frame with a timecode is shown. Seconds.
    fn time(&self, timecode: &str) -> f64 {
        let Ok(timecode) = timecode.parse::<Timecode>() else {
            return self.start;
        };
        let frames = timecode.frame(self.rate) - self.first;
        #[expect(clippy::cast_precision_loss, reason = "frames of a file")]
        let seconds = frames as f64 / self.rate.value();
        self.start + seconds
    }

    fn timecode(&self) -> String {
        Timecode::of_frame(self.first, self.rate, self.drops).to_string()
    }
}

/// What the picture below is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Below {
    /// Its matrix, in the words of scale.
    pub(super) matrix: &'static str,
    /// More than 8 bits.
    pub(super) deep: bool,
}

/// Filters that draw the images over the picture before them. `file` gives each image that ffmpeg
/// has to read its number, `label` names pads.
pub(super) fn images<'a>(
    inserter: &'a ImageInserter,
    clock: &Clock,
    below: Below,
    mut file: impl FnMut(&'a str) -> usize,
    mut label: impl FnMut() -> String,
) -> String {
    let mut filters = String::new();
    for image in inserter.layers() {
        let Some(url) = &image.image_inserter_input else {
            continue;
        };
        if !filters.is_empty() {
            filters.push(',');
        }
        let (picture, drawn) = (label(), label());
        let prepared = prepared(image, clock, below);
        // Writing to a String can't fail.
        let _ = write!(
            filters,
            "null{picture};[{}:0]{prepared}{drawn};{picture}{drawn}{}",
            file(url),
            placed(image, clock)
        );
    }
    filters
}

fn faded(image: &InsertableImage) -> bool {
    image.fade_in > 0 || (image.fade_out > 0 && image.duration.is_some())
}

fn milliseconds(time: u32) -> f64 {
    f64::from(time) / 1000.0
}

/// When an image appears; the default is the first frame.
fn start(image: &InsertableImage, clock: &Clock) -> f64 {
    let start = image.start_time.as_deref();
    start.map_or(clock.start, |timecode| clock.time(timecode))
}

/// The image, as large, as transparent and in such colours as it is drawn.
fn prepared(image: &InsertableImage, clock: &Clock, below: Below) -> String {
    let opacity = f64::from(image.opacity.unwrap_or(50)) / 100.0;
    let mut filters = format!("format=rgba,colorchannelmixer=aa={opacity}");
    if faded(image) {
        let (rate, start) = (clock.rate, start(image, clock));
        let _ = write!(
            filters,
            ",settb=AVTB,loop=loop=-1:size=1,setpts=N/({rate})/TB"
        );
        if image.fade_in > 0 {
            let duration = milliseconds(image.fade_in);
            let _ = write!(filters, ",fade=t=in:st={start:.6}:d={duration}:alpha=1");
        }
        if let Some(duration) = image.duration.filter(|_| image.fade_out > 0) {
            let (end, out) = (start + milliseconds(duration), milliseconds(image.fade_out));
            let _ = write!(filters, ",fade=t=out:st={end:.6}:d={out}:alpha=1");
        }
    }
    let size = |pixels: Option<u32>, own| {
        pixels
            .filter(|pixels| *pixels > 0)
            .map_or(own, |pixels| pixels.to_string())
    };
    let _ = write!(
        filters,
        ",scale={}:{}:out_color_matrix={}:out_range=tv,format={}",
        size(image.width, "iw".to_owned()),
        size(image.height, "ih".to_owned()),
        below.matrix,
        if below.deep {
            "yuva420p10le"
        } else {
            "yuva420p"
        }
    );
    filters
}

fn placed(image: &InsertableImage, clock: &Clock) -> String {
    let (x, y) = (image.image_x.unwrap_or(0), image.image_y.unwrap_or(0));
    let mut filter = format!("overlay={x}:{y}:format=auto");
    if faded(image) {
        filter.push_str(":shortest=1");
    }
    // Half a frame early is on time: time stamps are rounded.
    let early = 0.5 / clock.rate.value();
    let from = start(image, clock);
    let after = |time: f64| time - early;
    let until = image
        .duration
        .map(|duration| from + milliseconds(duration) + milliseconds(image.fade_out));
    match until {
        Some(until) => {
            let _ = write!(
                filter,
                ":enable=gte(t\\,{:.6})*lt(t\\,{:.6})",
                after(from),
                after(until)
            );
        }
        None if image.start_time.is_some() => {
            let _ = write!(filter, ":enable=gte(t\\,{:.6})", after(from));
        }
        None => {}
    }
    filter
}

/// ffmpeg's arguments for an image.
pub(super) fn image_file(image: &Image) -> Vec<String> {
    let mut arguments = vec!["-protocol_whitelist".to_owned(), "file".to_owned()];
    arguments.extend(image.demuxer.iter().map(|word| (*word).to_owned()));
    arguments.extend(["-i".to_owned(), image.path.clone()]);
    arguments
}

/// A filter that draws timecodes. The text before them is in a file, since it may be anything.
pub(super) fn timecodes(burnin: &TimecodeBurnin, clock: &Clock, prefix_file: &str) -> String {
    let size = burnin.font_size.unwrap_or(10);
    let position = burnin.position.as_deref().unwrap_or("TOP_CENTER");
    let x = match position {
        left if left.ends_with("LEFT") => size.to_string(),
        right if right.ends_with("RIGHT") => format!("w-tw-{size}"),
        _ => "(w-tw)/2".to_owned(),
    };
    let y = match position {
        top if top.starts_with("TOP") => size.to_string(),
        bottom if bottom.starts_with("BOTTOM") => format!("h-th-{size}"),
        _ => "(h-th)/2".to_owned(),
    };
    let timecode = clock.timecode().replace(':', "\\\\:").replace(';', "\\;");
    format!(
        "drawtext=font=DejaVu Sans Mono:textfile={prefix_file}:expansion=none:timecode={timecode}:\
         r={}:tc24hmax=1:fontsize={size}:fontcolor=white:box=1:boxcolor=black:boxborderw=2:x={x}:y={y}",
        clock.rate
    )
}

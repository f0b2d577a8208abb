//! Captions out of media files, with the help of ffprobe and ffmpeg.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use crate::captions::{Captions, cea608, cea708, webvtt};
use crate::media::{FORMATS, Media};

/// Why captions could not be taken out of a file.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The program did not run.
    #[error("run {0}")]
    Run(&'static str, #[source] std::io::Error),
    /// It could not make sense of the file.
    #[error("the captions can't be read: {0}")]
    Unreadable(String),
}

/// Captions of the picture track, of each channel that is asked for: CEA-608, or CEA-708 where there is only that.
///
/// All pictures are decoded for it: captions lie beside them, in the order of decoding.
///
/// # Errors
///
/// When the picture can't be decoded.
pub async fn embedded(
    path: &Path,
    media: &Media,
    channels: &[u32],
) -> Result<Vec<Captions>, ExtractError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ExtractError::Unreadable("it is no file".to_owned()));
    };
    let format = media.format.split(',').next().unwrap_or_default();
    let source = format!(
        "movie=filename={}:format_name={format}[out0+subcc]",
        escape(&name.to_string_lossy())
    );
    let mut command = Command::new("ffprobe");
    command
        .args(["-v", "error", "-f", "lavfi", "-i", &source])
        .args(["-select_streams", "s"])
        .current_dir(folder);
    decoded(command, media, channels).await
}

/// CEA-608 captions of a track beside the picture, by its number among all tracks.
///
/// # Errors
///
/// When it can't be read.
pub async fn ancillary(
    path: &Path,
    media: &Media,
    track: u32,
    channel: u32,
) -> Result<Captions, ExtractError> {
    let mut command = Command::new("ffprobe");
    command
        .args(["-v", "error", "-format_whitelist", FORMATS])
        .args(["-protocol_whitelist", "file"])
        .args(["-select_streams", &track.to_string()])
        .arg("-i")
        .arg(path);
    let mut captions = decoded(command, media, &[channel]).await?;
    Ok(captions.pop().unwrap_or_default())
}

/// Captions of each channel, from the packets that the program shows.
async fn decoded(
    mut command: Command,
    media: &Media,
    channels: &[u32],
) -> Result<Vec<Captions>, ExtractError> {
    let mut child = command
        .args(["-show_packets", "-show_data"])
        .args(["-show_entries", "packet=pts_time,data"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| ExtractError::Run("ffprobe", error))?;
    let mut channels: Vec<Channel> = channels.iter().copied().map(Channel::new).collect();
    let start = micros(media.start);
    let mut end = 0;
    if let Some(stdout) = child.stdout.take() {
        end = listen(stdout, start, &mut channels)
            .await
            .map_err(|error| ExtractError::Run("ffprobe", error))?;
    }
    let status = child
        .wait()
        .await
        .map_err(|error| ExtractError::Run("ffprobe", error))?;
    if !status.success() {
        return Err(ExtractError::Unreadable(
            "the track could not be decoded".to_owned(),
        ));
    }
    let end = media
        .duration
        .map_or(end, |seconds| micros(seconds).max(end));
    Ok(channels
        .into_iter()
        .map(|channel| channel.finish(end))
        .collect())
}

/// A channel of CEA-608, and the service of CEA-708 with its number: a job has one setting for both.
struct Channel {
    number: u32,
    cea608: cea608::Decoder,
    cea708: cea708::Decoder,
}

impl Channel {
    fn new(number: u32) -> Self {
        Self {
            number,
            cea608: cea608::Decoder::new(number),
            cea708: cea708::Decoder::new(number),
        }
    }

    /// Takes `cc_data` of ATSC A/53: heads of flags, each before a pair.
    fn feed(&mut self, bytes: &[u8], time: i64) {
        for [head, first, second] in bytes.as_chunks::<3>().0 {
            if head & 0x04 == 0 {
                continue;
            }
            let pair = [*first, *second];
            match head & 0x03 {
                field @ (0 | 1) if self.number.div_ceil(2) == u32::from(field) + 1 => {
                    self.cea608.feed(time, pair);
                }
                kind @ (2 | 3) => self.cea708.feed(time, kind == 3, pair),
                _ => {}
            }
        }
    }

    /// Where a picture has both, CEA-708 repeats what CEA-608 says.
    fn finish(self, end: i64) -> Captions {
        let captions = self.cea608.finish(end);
        if captions.cues.is_empty() {
            self.cea708.finish(end)
        } else {
            captions
        }
    }
}

/// Feeds what ffprobe tells; gives the time of the last packet.
async fn listen(
    stdout: impl AsyncRead + Unpin,
    start: i64,
    channels: &mut [Channel],
) -> std::io::Result<i64> {
    let mut lines = BufReader::new(stdout).lines();
    let (mut time, mut last) = (0, 0);
    let mut bytes = Vec::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(seconds) = line.strip_prefix("pts_time=") {
            time = micros(seconds.trim().parse().unwrap_or_default()) - start;
            last = last.max(time);
        } else if line.starts_with("[/PACKET") {
            for channel in &mut *channels {
                channel.feed(&bytes, time);
            }
            bytes.clear();
        } else {
            bytes.extend(dumped(&line));
        }
    }
    Ok(last)
}

/// The bytes of a line such as `00000000: fc94 20fd 8080  ...`.
fn dumped(line: &str) -> Vec<u8> {
    let Some((offset, rest)) = line.split_once(": ") else {
        return Vec::new();
    };
    if offset.len() != 8 || !offset.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Vec::new();
    }
    // Two spaces part the bytes from their letters.
    let digits: Vec<u8> = rest
        .split("  ")
        .next()
        .unwrap_or_default()
        .bytes()
        .filter(|byte| *byte != b' ')
        .collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).filter_map(byte).collect()
}

/// Text captions in a format that only ffmpeg reads: of a track of a media file, by its number
/// among all tracks, or of a file of their own.
///
/// # Errors
///
/// When ffmpeg can't read them.
pub async fn by_ffmpeg(
    path: &Path,
    format: Option<&str>,
    track: Option<u32>,
) -> Result<Captions, ExtractError> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-protocol_whitelist", "file"]);
    match format {
        Some(format) => command.args(["-f", format]),
        None => command.args(["-format_whitelist", FORMATS]),
    };
    let map = track.map_or("0:s:0".to_owned(), |track| format!("0:{track}"));
    let output = command
        .arg("-i")
        .arg(path)
        .args(["-map", &map, "-c:s", "webvtt", "-f", "webvtt", "-"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| ExtractError::Run("ffmpeg", error))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().last().unwrap_or("no reason given").to_owned();
    if !output.status.success() {
        return Err(ExtractError::Unreadable(reason));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    webvtt::read(&text).map_err(|error| ExtractError::Unreadable(error.to_string()))
}

/// A value in ffmpeg's language of filters.
pub(crate) fn escape(value: &str) -> String {
    let mut out = String::new();
    for letter in value.chars() {
        if "\\':".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    let mut twice = String::new();
    for letter in out.chars() {
        if "\\'[],;".contains(letter) {
            twice.push('\\');
        }
        twice.push(letter);
    }
    twice
}

fn micros(seconds: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "times of real files are far below 2^63"
    )]
    let micros = (seconds * 1e6).round() as i64;
    micros
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::SECOND;

    #[test]
    fn a_dumped_line_gives_its_bytes() {
        assert_eq!(
            dumped("00000000: fc94 20fd 8080 fe00  .. .....  a"),
            [0xfc, 0x94, 0x20, 0xfd, 0x80, 0x80, 0xfe, 0]
        );
        assert_eq!(dumped("data="), [0u8; 0]);
    }

    #[tokio::test]
    async fn packets_are_fed_at_their_times() {
        let text = "[PACKET]\npts_time=10.000000\ndata=\n00000000: fc14 20fc 1470 fc48 69fd 4142  ..\n\n[/PACKET]\n\
                    [PACKET]\npts_time=11.000000\ndata=\n00000000: fc14 2f                ..\n\n[/PACKET]\n";
        let mut channels = [1, 3].map(Channel::new);
        let end = listen(text.as_bytes(), 10 * SECOND, &mut channels)
            .await
            .unwrap();
        assert_eq!(end, SECOND);
        let [first, _] = channels;
        assert_eq!(first.said(), [(SECOND, 2 * SECOND, "Hi".to_owned())]);
    }

    #[test]
    fn a_service_is_read_where_the_channel_says_nothing() {
        // A window that can be seen, and "Yo" in it: of service 1, then of service 2.
        let of_708 = |service: u8| {
            let block = [0x98, 0x20, 0, 0, 0, 31, 0x11, b'Y', b'o'];
            let packet = [&[0x06, service << 5 | 9], &block[..], &[0]].concat();
            let mut data = packet.as_chunks::<2>().0.iter().enumerate();
            data.by_ref()
                .flat_map(|(number, [first, second])| {
                    [0xfe | u8::from(number == 0), *first, *second]
                })
                .collect::<Vec<u8>>()
        };
        let of_608 = [0xfc, 0x14, 0x25, 0xfc, b'H', b'i'];
        let said = |number: u32, data: &[u8]| {
            let mut channel = Channel::new(number);
            channel.feed(data, SECOND);
            channel
                .said()
                .into_iter()
                .map(|(_, _, text)| text)
                .collect::<Vec<_>>()
        };
        let both = [&of_608[..], &of_708(1), &of_708(2)].concat();
        assert_eq!(said(1, &both), ["Hi"]);
        assert_eq!(said(1, &both[6..]), ["Yo"]);
        assert_eq!(said(2, &both), ["Yo"]);
        assert!(said(3, &both).is_empty());
        let invalid: Vec<u8> = of_708(1)
            .iter()
            .enumerate()
            .map(|(at, byte)| if at % 3 == 0 { byte & 0xfb } else { *byte })
            .collect();
        assert!(said(1, &invalid).is_empty());
    }

    impl Channel {
        fn said(self) -> Vec<(i64, i64, String)> {
            let cues = self.finish(2 * SECOND).cues;
            cues.iter()
                .map(|cue| (cue.start, cue.end, cue.text()))
                .collect()
        }
    }
}

//! Captions out of media files, with the help of ffprobe and ffmpeg.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

use crate::captions::cea608::Decoder;
use crate::captions::{Captions, webvtt};
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

/// CEA-608 captions of the picture track, of each channel that is asked for.
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
    let mut decoders: Vec<(u32, Decoder)> = channels
        .iter()
        .map(|channel| (*channel, Decoder::new(*channel)))
        .collect();
    let start = micros(media.start);
    let mut end = 0;
    if let Some(stdout) = child.stdout.take() {
        end = listen(stdout, start, &mut decoders)
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
    Ok(decoders
        .into_iter()
        .map(|(_, decoder)| decoder.finish(end))
        .collect())
}

/// Feeds what ffprobe tells; gives the time of the last packet.
async fn listen(
    stdout: impl AsyncRead + Unpin,
    start: i64,
    decoders: &mut [(u32, Decoder)],
) -> std::io::Result<i64> {
    let mut lines = BufReader::new(stdout).lines();
    let (mut time, mut last) = (0, 0);
    let mut bytes = Vec::new();
    while let Some(line) = lines.next_line().await? {
        if let Some(seconds) = line.strip_prefix("pts_time=") {
            time = micros(seconds.trim().parse().unwrap_or_default()) - start;
            last = last.max(time);
        } else if line.starts_with("[/PACKET") {
            feed(&bytes, time, decoders);
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

/// `cc_data` of ATSC A/53: a head of flags, then a pair.
fn feed(bytes: &[u8], time: i64, decoders: &mut [(u32, Decoder)]) {
    for [head, first, second] in bytes.as_chunks::<3>().0 {
        let valid = head & 0x04 != 0;
        let field = match head & 0x03 {
            0 => 1,
            1 => 2,
            // Pairs of CEA-708.
            _ => continue,
        };
        for (channel, decoder) in decoders.iter_mut() {
            if valid && channel.div_ceil(2) == field {
                decoder.feed(time, [*first, *second]);
            }
        }
    }
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
        let mut decoders = vec![(1, Decoder::new(1)), (3, Decoder::new(3))];
        let end = listen(text.as_bytes(), 10 * SECOND, &mut decoders)
            .await
            .unwrap();
        assert_eq!(end, SECOND);
        let (_, decoder) = decoders.remove(0);
        let cue = &decoder.finish(2 * SECOND).cues[0];
        assert_eq!(
            (cue.start, cue.end, cue.text()),
            (SECOND, 2 * SECOND, "Hi".to_owned())
        );
    }
}

//! What an `AudioSpecificConfig` says (ISO/IEC 14496-3, 1.6.2.1), and frames of silence.

/// The decoder's configuration of a sound track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AudioConfig {
    /// Audio object type: 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC v2.
    pub(crate) object_type: u8,
    /// Samples a second of the AAC-LC core.
    pub(crate) core_rate: u32,
    /// Samples of a frame of the core.
    pub(crate) frame_len: u32,
    /// `0`: told by a program config element.
    pub(crate) channel_config: u8,
}

const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];

impl AudioConfig {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut bits = BitReader { bytes, position: 0 };
        let object_type = bits.object_type()?;
        let core_rate = bits.rate()?;
        let channel_config = u8::try_from(bits.read(4)?).ok()?;
        let mut core_type = object_type;
        if matches!(object_type, 5 | 29) {
            bits.rate()?;
            core_type = bits.object_type()?;
        }
        let is_short = core_type == 2 && bits.read(1).unwrap_or(0) == 1;
        Some(Self {
            object_type,
            core_rate,
            frame_len: if is_short { 960 } else { 1024 },
            channel_config,
        })
    }

    /// Channels, where the configuration tells them.
    pub(crate) fn channels(&self) -> Option<u16> {
        match self.channel_config {
            config @ 1..=6 => Some(config.into()),
            7 | 12 | 14 => Some(8),
            11 => Some(7),
            _ => None,
        }
    }

    /// A frame of silence: each channel's spectrum ends at its first band.
    ///
    /// Where sound starts later than the picture or ends before it, such frames take its place. Players that need both for each
    /// second would stall, and those that place segments one after the other would play the sound too early.
    pub(crate) fn silence(&self) -> Option<Vec<u8>> {
        use Element::{Front, Low, Pair};
        let elements: &[Element] = match self.channel_config {
            1 => &[Front],
            2 => &[Pair],
            3 => &[Front, Pair],
            4 => &[Front, Pair, Front],
            5 => &[Front, Pair, Pair],
            6 => &[Front, Pair, Pair, Low],
            7 => &[Front, Pair, Pair, Pair, Low],
            _ => return None,
        };
        let mut bits = BitWriter::default();
        let mut tags = [0_u32; 4];
        for element in elements {
            let (id, channels) = match element {
                Front => (0, 1),
                Pair => (1, 2),
                Low => (3, 1),
            };
            bits.write(id, 3);
            let tag = tags.get_mut(usize::try_from(id).ok()?)?;
            bits.write(*tag, 4);
            *tag += 1;
            if channels == 2 {
                bits.write(0, 1); // no common window
            }
            for _ in 0..channels {
                bits.write(0, 8); // global gain
                bits.write(0, 1 + 2 + 1); // reserved, one long window, its shape
                bits.write(0, 6 + 1); // no bands, no prediction
                bits.write(0, 3); // no pulses, noise shaping or gain control
            }
        }
        bits.write(7, 3); // end
        Some(bits.bytes)
    }
}

enum Element {
    Front,
    Pair,
    Low,
}

struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl BitReader<'_> {
    fn read(&mut self, bits: u32) -> Option<u32> {
        (0..bits).try_fold(0_u32, |value, _| {
            let byte = *self.bytes.get(self.position / 8)?;
            let bit = byte >> (7 - self.position % 8) & 1;
            self.position += 1;
            Some(value << 1 | u32::from(bit))
        })
    }

    fn object_type(&mut self) -> Option<u8> {
        let object_type = match self.read(5)? {
            31 => 32 + self.read(6)?,
            object_type => object_type,
        };
        u8::try_from(object_type).ok()
    }

    fn rate(&mut self) -> Option<u32> {
        let rate = match self.read(4)? {
            15 => self.read(24)?,
            index => *RATES.get(usize::try_from(index).ok()?)?,
        };
        (rate > 0).then_some(rate)
    }
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    position: usize,
}

impl BitWriter {
    fn write(&mut self, value: u32, bits: u32) {
        for shift in (0..bits).rev() {
            if self.position.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> shift & 1 == 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= bit << (7 - self.position % 8);
            }
            self.position += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_read() {
        let stereo = AudioConfig::read(&[0x11, 0x90]).unwrap();
        assert_eq!((stereo.object_type, stereo.core_rate), (2, 48_000));
        assert_eq!((stereo.channels(), stereo.frame_len), (Some(2), 1024));
        // HE-AAC: a core of 24 kHz that becomes 48.
        let he = AudioConfig::read(&[0x2b, 0x11, 0x88, 0x00]).unwrap();
        assert_eq!((he.object_type, he.core_rate), (5, 24_000));
        assert_eq!(AudioConfig::read(&[0x11]), None);
    }

    #[test]
    fn silence_of_one_channel_is_what_encoders_write() {
        let mono = AudioConfig::read(&[0x11, 0x88]).unwrap();
        assert_eq!(mono.silence().unwrap(), [0, 0, 0, 0x07]);
    }
}

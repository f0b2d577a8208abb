//! Names of what a packaged source consists of, relative to its multivariant playlist.

use std::fmt;
use std::str::FromStr;

/// What a player asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// The multivariant playlist, `instant.m3u8`.
    Multivariant,
    /// The media playlist of a rendition, counted from zero: `0.m3u8`.
    Media {
        /// Number of the rendition.
        rendition: u8,
    },
    /// An init segment of a rendition, one for each sample description: `0-init0.mp4`.
    Init {
        /// Number of the rendition.
        rendition: u8,
        /// Number of the sample description, from zero.
        description: u8,
    },
    /// A media segment of a rendition, counted from zero: `0-17.m4s`.
    Segment {
        /// Number of the rendition.
        rendition: u8,
        /// Number of the segment.
        number: u32,
    },
}

impl Resource {
    /// The media type, for `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Multivariant | Self::Media { .. } => "application/vnd.apple.mpegurl",
            Self::Init { .. } | Self::Segment { .. } => "video/mp4",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Multivariant => f.write_str("instant.m3u8"),
            Self::Media { rendition } => write!(f, "{rendition}.m3u8"),
            Self::Init {
                rendition,
                description,
            } => write!(f, "{rendition}-init{description}.mp4"),
            Self::Segment { rendition, number } => write!(f, "{rendition}-{number}.m4s"),
        }
    }
}

/// The name is none of a packaged source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such file in a packaged source")]
pub struct UnknownResource;

impl FromStr for Resource {
    type Err = UnknownResource;

    /// Reads a name. Each thing has one name only, so that a cache keeps it once: `00.m3u8` is unknown.
    fn from_str(name: &str) -> Result<Self, UnknownResource> {
        let resource = Self::parse(name).ok_or(UnknownResource)?;
        if resource.to_string() == name {
            Ok(resource)
        } else {
            Err(UnknownResource)
        }
    }
}

impl Resource {
    fn parse(name: &str) -> Option<Self> {
        if name == "instant.m3u8" {
            return Some(Self::Multivariant);
        }
        if let Some(rendition) = name.strip_suffix(".m3u8") {
            let rendition = rendition.parse().ok()?;
            return Some(Self::Media { rendition });
        }
        let (rendition, rest) = name.split_once('-')?;
        let rendition = rendition.parse().ok()?;
        if let Some(number) = rest.strip_suffix(".m4s") {
            let number = number.parse().ok()?;
            return Some(Self::Segment { rendition, number });
        }
        let description = rest
            .strip_prefix("init")?
            .strip_suffix(".mp4")?
            .parse()
            .ok()?;
        Some(Self::Init {
            rendition,
            description,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for resource in [
            Resource::Multivariant,
            Resource::Media { rendition: 3 },
            Resource::Init {
                rendition: 0,
                description: 2,
            },
            Resource::Segment {
                rendition: 1,
                number: 1234,
            },
        ] {
            assert_eq!(resource.to_string().parse(), Ok(resource));
        }
    }

    #[test]
    fn other_names_are_unknown() {
        for name in [
            "",
            "00.m3u8",
            "+1.m3u8",
            "0-1.mp4",
            "0--1.m4s",
            "../0.m3u8",
            "0-99999999999.m4s",
        ] {
            assert_eq!(name.parse::<Resource>(), Err(UnknownResource), "{name}");
        }
    }
}

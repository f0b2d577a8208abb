//! What a job makes: the one description from which the job is built and by which its end is read.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Rendition, Stills};
use crate::captions::Track;
use crate::cost::Cost;
use crate::job_event::{OutputDetail, OutputGroupDetail};
use crate::output::{self, DOWNLOAD, OutputFolder, POSTER, THUMBNAIL};
use crate::profile::Packaging;

/// What a job makes, in the order of its outputs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Making {
    /// Name of the profile that it is made with. Stays when all is made.
    pub profile: Option<String>,
    /// How the renditions are put into files; absent for CMAF, and of records that were written before there was a choice.
    #[serde(default, skip_serializing_if = "is_cmaf")]
    pub packaging: Packaging,
    /// What it costs. Stays when all is made.
    pub cost: Option<Cost>,
    /// Picture and sound; moves to [`super::Playback::renditions`] when it is made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition>,
    /// Captions, after the renditions in the streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<Track>,
    /// Poster and thumbnails; none for sound alone.
    pub stills: Option<Stills>,
    /// An MP4 file beside the streams.
    #[serde(default, skip_serializing_if = "is_no")]
    pub download: bool,
    /// Renditions that the profile offers and that an earlier conversion showed not to be worth their price, as they were
    /// measured; moves to [`super::Playback::left_out`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Rendition>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_no(is: &bool) -> bool {
    !is
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_cmaf(packaging: &Packaging) -> bool {
    *packaging == Packaging::Cmaf
}

/// A kind of output group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupKind {
    /// The streams.
    Cmaf,
    /// The streams of a job template that makes HLS alone.
    Hls,
    /// Files beside them.
    File,
}

impl GroupKind {
    /// As COMPLETE writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cmaf => "CMAF_GROUP",
            Self::Hls => "HLS_GROUP",
            Self::File => "FILE_GROUP",
        }
    }
}

/// An output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Made<'a> {
    /// Picture or sound.
    Rendition(&'a Rendition),
    /// Captions.
    Captions(&'a Track),
    /// The file to download.
    Download,
    /// The poster.
    Poster(&'a Stills),
    /// The thumbnails.
    Thumbnails(&'a Stills),
}

impl Made<'_> {
    /// What its files have behind the base name.
    pub fn modifier(&self) -> String {
        match self {
            Self::Rendition(rendition) => format!("_{}", rendition.name),
            Self::Captions(track) => format!("_{}", track.name()),
            Self::Download => DOWNLOAD.to_owned(),
            Self::Poster(_) => POSTER.to_owned(),
            Self::Thumbnails(_) => THUMBNAIL.to_owned(),
        }
    }
}

impl Making {
    /// What stays of it when all is made, which COMPLETE tells about in `details`.
    #[must_use]
    pub(super) fn done(self, details: &[OutputGroupDetail]) -> Self {
        let mut lengths = std::collections::BTreeMap::new();
        for (made, detail) in self.found(details) {
            let length = detail.duration_in_ms.and_then(|ms| u64::try_from(ms).ok());
            let name = made.modifier().trim_start_matches('_').to_owned();
            lengths.extend(length.map(|length| (name, length)));
        }
        Self {
            cost: self
                .cost
                .map(|cost| cost.settled(|name| lengths.get(name).copied())),
            profile: self.profile,
            ..Self::default()
        }
    }

    /// Keys of what is played: without them, a video isn't READY.
    pub fn played(&self, folder: OutputFolder<'_>) -> Vec<String> {
        let streams = match self.packaging {
            Packaging::Mp4 => vec![],
            Packaging::Hls => vec![folder.hls()],
            Packaging::Cmaf | Packaging::Audio => vec![folder.hls(), folder.dash()],
        };
        streams.into_iter().chain(self.file(folder)).collect()
    }

    /// Key of the MP4 file with picture and sound: of the only one, or of the download beside the streams.
    pub(super) fn file(&self, folder: OutputFolder<'_>) -> Option<String> {
        if self.download {
            return Some(folder.download());
        }
        let rendition = self.renditions.first();
        let rendition = rendition.filter(|_| self.packaging == Packaging::Mp4)?;
        Some(folder.file(&rendition.name))
    }

    /// The kind of the group with the renditions.
    pub(super) fn streams(&self) -> GroupKind {
        match self.packaging {
            Packaging::Mp4 => GroupKind::File,
            Packaging::Hls => GroupKind::Hls,
            Packaging::Cmaf | Packaging::Audio => GroupKind::Cmaf,
        }
    }

    /// The output groups of the job, each with its outputs.
    pub fn groups(&self) -> Vec<(GroupKind, Vec<Made<'_>>)> {
        let renditions = self.renditions.iter().map(Made::Rendition);
        let captions = self.captions.iter().map(Made::Captions);
        let mut streams: Vec<_> = renditions.chain(captions).collect();
        let stills = self.stills.iter();
        let stills = stills.flat_map(|stills| [Made::Poster(stills), Made::Thumbnails(stills)]);
        let download = self.download.then_some(Made::Download);
        let mut files: Vec<_> = download.into_iter().chain(stills).collect();
        if self.streams() == GroupKind::File {
            streams.append(&mut files);
        }
        let groups = [(self.streams(), streams), (GroupKind::File, files)];
        let groups = groups
            .into_iter()
            .filter(|(_, outputs)| !outputs.is_empty());
        groups.collect()
    }

    /// What a COMPLETE event says about each output. Outputs have no names there: those with files are known by
    /// them, the others by their place, as long as none of them is missing.
    pub(super) fn found<'a>(
        &'a self,
        details: &'a [OutputGroupDetail],
    ) -> Vec<(Made<'a>, &'a OutputDetail)> {
        let mut found = Vec::new();
        for (kind, outputs) in self.groups() {
            let details = details
                .iter()
                .find(|group| group.r#type.as_deref() == Some(kind.as_str()));
            let Some(details) = details else { continue };
            found.extend(pair(outputs, &details.output_details));
        }
        found
    }
}

fn pair<'a>(
    outputs: Vec<Made<'a>>,
    details: &'a [OutputDetail],
) -> Vec<(Made<'a>, &'a OutputDetail)> {
    let mut unnamed: Vec<_> = details.iter().collect();
    let mut pairs = Vec::new();
    let mut rest = Vec::new();
    for made in outputs {
        let modifier = made.modifier();
        let named = unnamed.iter().position(|detail| {
            let mut paths = detail.output_file_paths.iter();
            paths.any(|path| output::is_of(path, &modifier))
        });
        match named {
            Some(index) => pairs.push((made, unnamed.remove(index))),
            None => rest.push(made),
        }
    }
    unnamed.retain(|detail| detail.output_file_paths.is_empty());
    if unnamed.len() == rest.len() {
        pairs.extend(rest.into_iter().zip(unnamed));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Made, Making};
    use crate::captions::{Format, Origin, Track};
    use crate::job_event::{OutputDetail, OutputGroupDetail};
    use crate::profile::Packaging;
    use crate::video::{Rendition, RenditionKind, Stills};

    fn rendition(name: &str) -> Rendition {
        Rendition::new(name, RenditionKind::Video, "H_264")
    }

    fn making() -> Making {
        Making {
            profile: None,
            packaging: Packaging::Cmaf,
            cost: None,
            renditions: vec![rendition("720p"), rendition("360p"), rendition("audio")],
            captions: vec![Track {
                language: "en".into(),
                label: "English".into(),
                origin: Origin::File {
                    key: "a.en.srt".into(),
                    format: Format::Srt,
                },
            }],
            stills: Some(Stills {
                poster_second: 5,
                thumbnail_seconds: 2,
                thumbnail_count: Some(3),
                thumbnail_width: 320,
                thumbnail_height: 180,
            }),
            download: true,
            left_out: vec![],
        }
    }

    /// What COMPLETE would say, with the place of each output as its length, so that a mix-up shows.
    fn details(making: &Making, with_paths: bool) -> Vec<OutputGroupDetail> {
        let groups = making.groups().into_iter();
        let groups = groups.map(|(kind, outputs)| OutputGroupDetail {
            r#type: Some(kind.as_str().into()),
            playlist_file_paths: Vec::new(),
            output_details: (0i64..)
                .zip(outputs)
                .map(|(place, made)| OutputDetail {
                    output_file_paths: match made {
                        Made::Rendition(_) | Made::Captions(_) => vec![],
                        _ if with_paths => {
                            vec![format!("s3://b/v/r/video{}.0000002.jpg", made.modifier())]
                        }
                        _ => vec![],
                    },
                    duration_in_ms: Some(place),
                    ..OutputDetail::default()
                })
                .collect(),
        });
        groups.collect()
    }

    fn places(making: &Making, details: &[OutputGroupDetail]) -> Vec<(String, Option<i64>)> {
        let found = making.found(details).into_iter();
        let mut places: Vec<_> = found
            .map(|(made, detail)| (made.modifier(), detail.duration_in_ms))
            .collect();
        places.sort();
        places
    }

    #[test]
    fn an_output_more_or_less_is_measured_for_none_rather_than_for_the_wrong_one() {
        let making = making();
        let mut details = details(&making, false);
        details[0].output_details.remove(0);
        let found: Vec<_> = places(&making, &details)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(found, ["_download", "_poster", "_thumb"]);
    }

    #[test]
    fn a_group_that_is_not_ours_is_passed_over() {
        let making = making();
        let mut foreign = details(&making, true);
        foreign.insert(0, OutputGroupDetail::default());
        assert_eq!(
            places(&making, &foreign),
            places(&making, &details(&making, true))
        );
    }

    proptest! {
        #[test]
        fn outputs_with_files_are_found_in_any_order(
            order in Just(vec![0usize, 1, 2]).prop_shuffle(), with_extra in any::<bool>(),
        ) {
            let making = making();
            let mut shuffled = details(&making, true);
            let files = &mut shuffled[1].output_details;
            *files = order.iter().map(|index| files[*index].clone()).collect();
            if with_extra {
                files.insert(1, OutputDetail {
                    output_file_paths: vec!["s3://b/v/r/video_poster_large.mp4".into()],
                    ..OutputDetail::default()
                });
            }
            prop_assert_eq!(places(&making, &shuffled), places(&making, &details(&making, true)));
        }
    }
}

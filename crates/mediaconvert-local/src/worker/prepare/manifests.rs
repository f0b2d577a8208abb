//! The manifests of a group.

use std::path::Path;

use super::{Body, Object, Prepared};
use crate::manifest::{Images, Presentation, Rendition};
use crate::plan::PlannedGroup;
use crate::settings::{AdditionalManifest, OutputSelection, StreamingSettings, Toggle};
use crate::{dash, hls};

const PLAYLIST: &str = "application/vnd.apple.mpegurl";
const MPD: &str = "application/dash+xml";

impl Prepared {
    /// Writes all manifests; gives the URLs of those that players start with, MPDs first.
    pub(super) fn manifests(
        &mut self,
        folder: &Path,
        group: &PlannedGroup,
        settings: &StreamingSettings,
        renditions: &[Option<Rendition>],
    ) -> Vec<String> {
        let images = self.images(folder, group);
        if settings.output_selection == OutputSelection::SegmentsOnly {
            return Vec::new();
        }
        let destination = &group.destination;
        let presentation = |wanted: &dyn Fn(&str) -> bool| Presentation {
            base: destination.base.clone(),
            renditions: group
                .outputs
                .iter()
                .zip(renditions)
                .filter(|(output, _)| wanted(&output.name) || wanted(&output.modifier))
                .filter_map(|(_, rendition)| rendition.clone())
                .collect(),
            settings: settings.clone(),
            images: images.clone(),
        };
        let text = |rest: &str, text: String, kind| Object {
            bucket: destination.bucket.clone(),
            key: destination.key(rest),
            body: Body::Text(text),
            kind,
        };
        let all = presentation(&|_| true);
        let further: Vec<(&str, Presentation)> = settings
            .additional_manifests
            .iter()
            .map(|manifest: &AdditionalManifest| {
                let selected = |name: &str| manifest.selected_outputs.iter().any(|s| s == name);
                (
                    manifest.manifest_name_modifier.as_str(),
                    presentation(&selected),
                )
            })
            .collect();
        let (dash, hls) = (
            settings.write_dash_manifest == Toggle::Enabled,
            settings.write_hls_manifest == Toggle::Enabled,
        );
        let mut urls = Vec::new();
        let mut manifest = |object: Object| {
            urls.push(destination.url(&object.key));
            self.manifests.push(object);
        };
        for (modifier, presentation) in std::iter::once(("", &all))
            .chain(further.iter().map(|(modifier, one)| (*modifier, one)))
        {
            if dash {
                manifest(text(
                    &format!("{modifier}.mpd"),
                    dash::manifest(presentation),
                    MPD,
                ));
            }
            if hls {
                manifest(text(
                    &format!("{modifier}.m3u8"),
                    hls::multivariant_playlist(presentation),
                    PLAYLIST,
                ));
            }
        }
        if hls {
            if let Some(images) = &images {
                self.playlists.push(text(
                    hls::IMAGES,
                    hls::image_playlist(&all, images),
                    PLAYLIST,
                ));
            }
            for rendition in &all.renditions {
                self.playlists.push(text(
                    &rendition.playlist_name(),
                    hls::media_playlist(&all, rendition),
                    PLAYLIST,
                ));
                if !rendition.key_frames.is_empty() {
                    self.playlists.push(text(
                        &rendition.key_frame_playlist_name(),
                        hls::key_frame_playlist(&all, rendition),
                        PLAYLIST,
                    ));
                }
            }
        }
        urls
    }
    /// The sheets that ffmpeg wrote.
    fn images(&mut self, folder: &Path, group: &PlannedGroup) -> Option<Images> {
        let sheets = group.sheets.as_ref()?;
        let destination = &group.destination;
        let mut sizes = Vec::new();
        loop {
            let number = sizes.len() + 1;
            let path = folder.join(format!("{}{number:09}.jpg", sheets.prefix));
            let Ok(found) = std::fs::metadata(&path) else {
                break;
            };
            sizes.push(found.len());
            self.media.push(Object {
                bucket: destination.bucket.clone(),
                key: destination.key(&Images::name(number)),
                body: Body::File(path),
                kind: "image/jpeg",
            });
        }
        (!sizes.is_empty()).then(|| Images {
            sheets: sheets.clone(),
            sizes,
        })
    }
}

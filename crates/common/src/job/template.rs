//! A job template of the account, into which only input and destinations are filled.

use aws_sdk_mediaconvert::types::{
    ContainerType, Input, InputTemplate, InputTimecodeSource, JobSettings, JobTemplate,
    JobTemplateSettings, Output, OutputGroup, OutputGroupSettings, OutputGroupType,
};

use super::{Order, Scheduling};
use crate::clip::Clip;
use crate::failure::{Failure, FailureCode};
use crate::media::Media;
use crate::profile::Packaging;
use crate::source::Source;
use crate::video::{Making, Rendition, RenditionKind};

/// What the one file of a template is called.
const SINGLE: &str = "single";

/// A template whose output the pipeline can play.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// What it says, but for the file and the destinations, which it can't know.
    settings: JobSettings,
    scheduling: Scheduling,
    /// Place among the groups of the one that is played.
    main: usize,
    packaging: Packaging,
}

impl Template {
    /// Looks for what can be played: a CMAF group, an HLS group, or an MP4 file, in this order.
    ///
    /// # Errors
    ///
    /// The failure for the record, where there is none of them, or more inputs than the one source.
    pub fn new(template: JobTemplate) -> Result<Self, Failure> {
        let invalid =
            |why: &str| Failure::ours(FailureCode::InvalidProfile).with_message(why.to_owned());
        let settings = template
            .settings
            .ok_or_else(|| invalid("the job template is empty"))?;
        let scheduling = Scheduling {
            acceleration: template.acceleration_settings,
            hop_destinations: template.hop_destinations,
            priority: template.priority,
        };
        if settings.inputs().len() > 1 {
            return Err(invalid("the job template has several inputs"));
        }
        let packagings: Vec<_> = settings.output_groups().iter().map(packaging).collect();
        for wanted in [Packaging::Cmaf, Packaging::Hls, Packaging::Mp4] {
            let main = packagings.iter().position(|found| *found == Some(wanted));
            if let Some(main) = main {
                return Ok(Self {
                    settings: job(settings),
                    scheduling,
                    main,
                    packaging: wanted,
                });
            }
        }
        Err(invalid(
            "the job template has no output group that can be played: CMAF, HLS, or a file group with one MP4",
        ))
    }

    /// The template for a part of `media`.
    ///
    /// # Errors
    ///
    /// The failure for the record, where the source has no such part.
    pub fn of_clip(mut self, media: &Media, clip: Clip) -> Result<Self, Failure> {
        let clip = super::timecodes(media, clip)?;
        if let (Some(clip), Some(input)) = (clip, self.input()) {
            input.input_clippings = Some(vec![super::clipping(&clip)]);
            input.timecode_source = Some(InputTimecodeSource::Zerobased);
            input.timecode_start = None;
        }
        Ok(self)
    }

    fn input(&mut self) -> Option<&mut Input> {
        self.settings.inputs.as_mut()?.first_mut()
    }

    /// What the job makes, as far as the template tells.
    pub(super) fn making(&self) -> Making {
        let outputs = self.settings.output_groups()[self.main].outputs();
        let mut renditions: Vec<_> = outputs.iter().map(rendition).collect();
        if self.packaging == Packaging::Mp4 {
            // As the output is going to be called.
            for rendition in &mut renditions {
                SINGLE.clone_into(&mut rendition.name);
            }
        }
        Making {
            profile: None,
            packaging: self.packaging,
            cost: None,
            renditions,
            captions: Vec::new(),
            stills: None,
            download: false,
            left_out: Vec::new(),
        }
    }

    /// The template with `source` as its input. What is played goes to `destination`, as of every other job; the rest into
    /// numbered folders beside it, where no file can meet another of the same name.
    pub(super) fn order(mut self, source: &Source, destination: &str) -> Order {
        if let Some(input) = self.input() {
            input.file_input = Some(source.uri());
        }
        let (folder, base) = destination.rsplit_once('/').unwrap_or(("", destination));
        let groups = self.settings.output_groups.iter_mut().flatten();
        for (index, group) in groups.enumerate() {
            let is_main = index == self.main;
            if is_main && self.packaging == Packaging::Mp4 {
                for output in group.outputs.iter_mut().flatten() {
                    output.name_modifier = Some(format!("_{SINGLE}"));
                    output.extension = Some("mp4".to_owned());
                }
            }
            let to = if is_main {
                destination.to_owned()
            } else {
                format!("{folder}/{}/{base}", index + 1)
            };
            if let Some(settings) = &mut group.output_group_settings {
                send(settings, to);
            }
        }
        Order {
            settings: self.settings,
            scheduling: self.scheduling,
        }
    }
}

fn packaging(group: &OutputGroup) -> Option<Packaging> {
    match group.output_group_settings()?.r#type()? {
        OutputGroupType::CmafGroupSettings => Some(Packaging::Cmaf),
        OutputGroupType::HlsGroupSettings => Some(Packaging::Hls),
        OutputGroupType::FileGroupSettings => {
            let [output] = group.outputs() else {
                return None;
            };
            let container = output.container_settings()?.container()?;
            (*container == ContainerType::Mp4).then_some(Packaging::Mp4)
        }
        _ => None,
    }
}

/// As far as the template tells: a preset keeps its codec to itself.
fn rendition(output: &Output) -> Rendition {
    let name = output.name_modifier().unwrap_or_default();
    let name = name.trim_start_matches('_');
    let pixels = |side: Option<i32>| side.and_then(|side| u32::try_from(side).ok());
    match output.video_description() {
        Some(video) => {
            let codec = video.codec_settings().and_then(|codec| codec.codec());
            Rendition {
                width: pixels(video.width()),
                height: pixels(video.height()),
                ..Rendition::new(
                    name,
                    RenditionKind::Video,
                    codec.map_or("UNKNOWN", |codec| codec.as_str()),
                )
            }
        }
        None if output.audio_descriptions().is_empty() => {
            Rendition::new(name, RenditionKind::Video, "UNKNOWN")
        }
        None => {
            let sound = output.audio_descriptions()[0].codec_settings();
            let codec = sound.and_then(|codec| codec.codec());
            Rendition::new(
                name,
                RenditionKind::Audio,
                codec.map_or("UNKNOWN", |codec| codec.as_str()),
            )
        }
    }
}

/// Sends the group's output there.
fn send(settings: &mut OutputGroupSettings, to: String) {
    if let Some(group) = &mut settings.cmaf_group_settings {
        group.destination = Some(to);
    } else if let Some(group) = &mut settings.hls_group_settings {
        group.destination = Some(to);
    } else if let Some(group) = &mut settings.dash_iso_group_settings {
        group.destination = Some(to);
    } else if let Some(group) = &mut settings.ms_smooth_group_settings {
        group.destination = Some(to);
    } else if let Some(group) = &mut settings.file_group_settings {
        group.destination = Some(to);
    }
}

/// A job as the template says.
fn job(settings: JobTemplateSettings) -> JobSettings {
    let inputs = settings.inputs.unwrap_or_default();
    JobSettings::builder()
        .set_ad_avail_offset(settings.ad_avail_offset)
        .set_avail_blanking(settings.avail_blanking)
        .set_color_conversion3_dlut_settings(settings.color_conversion3_dlut_settings)
        .set_esam(settings.esam)
        .set_extended_data_services(settings.extended_data_services)
        .set_follow_source(settings.follow_source)
        .inputs(input(inputs.into_iter().next()))
        .set_kantar_watermark(settings.kantar_watermark)
        .set_motion_image_inserter(settings.motion_image_inserter)
        .set_motion_image_inserters(settings.motion_image_inserters)
        .set_nielsen_configuration(settings.nielsen_configuration)
        .set_nielsen_non_linear_watermark(settings.nielsen_non_linear_watermark)
        .set_output_groups(settings.output_groups)
        .set_timecode_config(settings.timecode_config)
        .set_timed_metadata_insertion(settings.timed_metadata_insertion)
        .build()
}

fn input(template: Option<InputTemplate>) -> Input {
    let template = template.unwrap_or_else(|| InputTemplate::builder().build());
    Input::builder()
        .set_advanced_input_filter(template.advanced_input_filter)
        .set_advanced_input_filter_settings(template.advanced_input_filter_settings)
        .set_audio_selector_groups(template.audio_selector_groups)
        .set_audio_selectors(template.audio_selectors)
        .set_caption_selectors(template.caption_selectors)
        .set_crop(template.crop)
        .set_deblock_filter(template.deblock_filter)
        .set_denoise_filter(template.denoise_filter)
        .set_dolby_vision_metadata_xml(template.dolby_vision_metadata_xml)
        .set_dynamic_audio_selectors(template.dynamic_audio_selectors)
        .set_filter_enable(template.filter_enable)
        .set_filter_strength(template.filter_strength)
        .set_image_inserter(template.image_inserter)
        .set_input_clippings(template.input_clippings)
        .set_input_scan_type(template.input_scan_type)
        .set_multi_view_settings(template.multi_view_settings)
        .set_position(template.position)
        .set_program_number(template.program_number)
        .set_psi_control(template.psi_control)
        .set_timecode_source(template.timecode_source)
        .set_timecode_start(template.timecode_start)
        .set_video_overlays(template.video_overlays)
        .set_video_selector(template.video_selector)
        .build()
}

#[cfg(test)]
mod tests {
    use super::{Packaging, Template};
    use crate::clip::Clip;
    use crate::job::{Target, create_job};
    use crate::media::{Captions, Media};
    use crate::source::Source;
    use aws_sdk_mediaconvert::types::{
        AccelerationMode, AccelerationSettings, CmafGroupSettings, ContainerSettings,
        ContainerType, FileGroupSettings, HopDestination, InputClipping, InputTemplate,
        InputTimecodeSource, JobTemplate, JobTemplateSettings, Output, OutputGroup,
        OutputGroupSettings, OutputGroupType,
    };

    fn group(kind: &OutputGroupType, container: ContainerType) -> OutputGroup {
        let container = ContainerSettings::builder().container(container).build();
        let output = Output::builder()
            .name_modifier("_hd")
            .container_settings(container);
        let settings = OutputGroupSettings::builder()
            .r#type(kind.clone())
            .cmaf_group_settings(CmafGroupSettings::builder().segment_length(4).build());
        let settings = if *kind == OutputGroupType::FileGroupSettings {
            settings
                .set_cmaf_group_settings(None)
                .file_group_settings(FileGroupSettings::builder().build())
        } else {
            settings
        };
        OutputGroup::builder()
            .outputs(output.build())
            .output_group_settings(settings.build())
            .build()
    }

    fn named(settings: JobTemplateSettings) -> JobTemplate {
        JobTemplate::builder()
            .name("house")
            .settings(settings)
            .build()
    }

    fn source() -> Source {
        Source {
            bucket: "b".into(),
            key: "a.mov".into(),
            version_id: None,
            etag: "e".into(),
            size_bytes: 1,
            sequencer: None,
            attempt: 0,
        }
    }

    fn destinations(template: &Template) -> Vec<String> {
        let job = template
            .clone()
            .order(&source(), "s3://c/v/r/video")
            .settings;
        assert_eq!(job.inputs()[0].file_input(), Some("s3://b/a.mov"));
        let groups = job.output_groups().iter().map(|group| {
            let settings = group.output_group_settings().unwrap();
            let cmaf = settings
                .cmaf_group_settings()
                .and_then(|own| own.destination());
            let file = settings
                .file_group_settings()
                .and_then(|own| own.destination());
            cmaf.or(file).unwrap().to_owned()
        });
        groups.collect()
    }

    #[test]
    fn only_input_and_destinations_are_filled_in() {
        let settings = JobTemplateSettings::builder()
            .ad_avail_offset(7)
            .inputs(InputTemplate::builder().filter_strength(3).build())
            .output_groups(group(
                &OutputGroupType::FileGroupSettings,
                ContainerType::Mp4,
            ))
            .output_groups(group(
                &OutputGroupType::CmafGroupSettings,
                ContainerType::Cmfc,
            ));
        let template = Template::new(named(settings.build())).unwrap();
        assert_eq!(
            destinations(&template),
            ["s3://c/v/r/1/video", "s3://c/v/r/video"]
        );
        let job = template
            .clone()
            .order(&source(), "s3://c/v/r/video")
            .settings;
        assert_eq!(job.ad_avail_offset(), Some(7));
        assert_eq!(job.inputs()[0].filter_strength(), Some(3));
        assert_eq!(
            job.output_groups()[1].outputs()[0].name_modifier(),
            Some("_hd")
        );
        let making = template.making();
        assert_eq!(
            (making.packaging, making.renditions[0].name.as_str()),
            (Packaging::Cmaf, "hd")
        );
    }

    #[test]
    fn a_clip_takes_the_place_of_the_templates_own() {
        let own = InputClipping::builder().start_timecode("01:00:00:00");
        let input = InputTemplate::builder()
            .timecode_source(InputTimecodeSource::Specifiedstart)
            .timecode_start("01:00:00:00")
            .input_clippings(own.build());
        let files = group(&OutputGroupType::FileGroupSettings, ContainerType::Mp4);
        let settings = JobTemplateSettings::builder().inputs(input.build());
        let template = Template::new(named(settings.output_groups(files).build())).unwrap();
        let media = Media {
            duration_ms: Some(60_000),
            video: None,
            audio: vec![],
            captions: Captions::default(),
        };
        let clip = |from_ms| Clip {
            from_ms,
            to_ms: None,
        };
        assert!(template.clone().of_clip(&media, clip(60_000)).is_err());
        let template = template.of_clip(&media, clip(5_000)).unwrap();
        let job = template
            .clone()
            .order(&source(), "s3://c/v/r/video")
            .settings;
        let input = &job.inputs()[0];
        let clippings = input.input_clippings();
        assert_eq!(clippings.len(), 1);
        assert_eq!(clippings[0].start_timecode(), Some("00:00:05:00"));
        assert_eq!(
            input.timecode_source(),
            Some(&InputTimecodeSource::Zerobased)
        );
        assert_eq!(input.timecode_start(), None);
    }

    #[test]
    fn a_job_runs_as_the_template_says() {
        let files = group(&OutputGroupType::FileGroupSettings, ContainerType::Mp4);
        let settings = JobTemplateSettings::builder().output_groups(files).build();
        let acceleration = AccelerationSettings::builder().mode(AccelerationMode::Preferred);
        let hop = HopDestination::builder().wait_minutes(15).build();
        let template = JobTemplate::builder()
            .settings(settings)
            .priority(7)
            .acceleration_settings(acceleration.build())
            .hop_destinations(hop.clone())
            .build();
        let order = Template::new(template)
            .unwrap()
            .order(&source(), "s3://c/v/r/video");
        let target = Target {
            role_arn: "r".into(),
            queue_arn: None,
            converted_bucket: "c".into(),
        };
        let request = create_job(&target, &source(), order);
        assert_eq!(*request.get_priority(), Some(7));
        assert_eq!(
            request.get_acceleration_settings().as_ref().unwrap().mode(),
            Some(&AccelerationMode::Preferred)
        );
        assert_eq!(*request.get_hop_destinations(), Some(vec![hop]));
    }

    #[test]
    fn a_file_alone_gets_the_name_that_the_record_knows() {
        let files = group(&OutputGroupType::FileGroupSettings, ContainerType::Mp4);
        let settings = JobTemplateSettings::builder().output_groups(files);
        let template = Template::new(named(settings.build())).unwrap();
        let job = template
            .clone()
            .order(&source(), "s3://c/v/r/video")
            .settings;
        let output = &job.output_groups()[0].outputs()[0];
        assert_eq!(output.name_modifier(), Some("_single"));
        assert_eq!(template.making().packaging, Packaging::Mp4);
    }

    #[test]
    fn a_template_that_can_not_be_played_is_refused() {
        let smooth = group(&OutputGroupType::MsSmoothGroupSettings, ContainerType::Ismv);
        let settings = JobTemplateSettings::builder().output_groups(smooth);
        let failure = Template::new(named(settings.build())).unwrap_err();
        assert_eq!(failure.code, "INVALID_PROFILE");
        assert!(
            failure
                .message
                .unwrap()
                .contains("no output group that can be played")
        );
    }
}

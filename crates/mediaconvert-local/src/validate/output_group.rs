//! Rules of segmented groups.

use crate::encryption::Cipher;
use crate::settings::{
    AbrRule, AdditionalManifest, Codec, DirectoryStructure, IFrameManifest, IntervalCadence,
    MpdProfile, OutputGroup, QualityTuningLevel, RateControlMode, ScalingBehavior, StreamKind,
    StreamingSettings,
};

/// Additional manifests of a group at most:
/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/creating-additional-manifests.html>.
const MOST_MANIFESTS: usize = 10;

pub(super) fn check(group: &OutputGroup, at: &str) -> Result<(), String> {
    let Some(settings) = group.output_group_settings.streaming() else {
        return Ok(());
    };
    automated(group, at)?;
    let at = format!(
        "{at}/outputGroupSettings/{}",
        group.output_group_settings.member()
    );
    if settings.kind == StreamKind::Hls && settings.min_segment_length.is_none() {
        return Err(format!("{at}: minSegmentLength is a required property"));
    }
    lengths(settings, &at)?;
    if settings.mpd_profile == MpdProfile::OnDemandProfile && !settings.is_single_file() {
        return Err(format!(
            "{at}/segmentControl: Should be SINGLE_FILE when mpdProfile is ON_DEMAND_PROFILE"
        ));
    }
    if settings.segments_per_subdirectory.is_some()
        && settings.directory_structure != DirectoryStructure::SubdirectoryPerStream
    {
        return Err(format!(
            "{at}/segmentsPerSubdirectory: Should be set only when directoryStructure is SUBDIRECTORY_PER_STREAM"
        ));
    }
    if let Some(images) = &settings.image_based_trick_play_settings {
        let at = format!("{at}/imageBasedTrickPlaySettings");
        if images.thumbnail_width.is_some_and(|width| width % 8 != 0) {
            return Err(format!("{at}/thumbnailWidth: Should be a multiple of 8"));
        }
        if images
            .thumbnail_height
            .is_some_and(|height| height % 2 != 0)
        {
            return Err(format!("{at}/thumbnailHeight: Should be a multiple of 2"));
        }
        let alone = images.tile_width == Some(1) && images.tile_height == Some(1);
        if images.interval_cadence == IntervalCadence::FollowSegmentation && !alone {
            return Err(format!(
                "{at}/intervalCadence: FOLLOW_SEGMENTATION needs tileWidth 1 and tileHeight 1"
            ));
        }
    }
    encryption(group, settings, &at)?;
    if settings.kind == StreamKind::Hls
        && settings.encryption.is_some()
        && let Some(index) = group.outputs.iter().position(|output| {
            let wanted = output.playlist().i_frame_only_manifest;
            wanted.is_some_and(|wanted| wanted != IFrameManifest::Exclude)
        })
    {
        // A part of a segment that is encrypted as a whole can't be read.
        return Err(format!(
            "{at}/encryption: this server refuses it together with the iFrameOnlyManifest of output {index}"
        ));
    }
    manifests(group, settings, &at)
}

/// <https://docs.aws.amazon.com/mediaconvert/latest/ug/auto-abr.html>, restrictions.
fn automated(group: &OutputGroup, at: &str) -> Result<(), String> {
    let settings = group
        .automated_encoding_settings
        .as_ref()
        .and_then(|automated| automated.abr_settings.as_ref());
    let Some(settings) = settings else {
        return Ok(());
    };
    let abr = format!("{at}/automatedEncodingSettings/abrSettings");
    if settings.min_abr_bitrate > settings.max_abr_bitrate {
        return Err(format!(
            "{abr}/minAbrBitrate: Should be less than or equal to maxAbrBitrate"
        ));
    }
    let has = |wanted: fn(&AbrRule) -> bool| settings.rules.iter().any(wanted);
    if has(|rule| matches!(rule, AbrRule::ForceIncludeRenditions { .. }))
        && has(|rule| matches!(rule, AbrRule::AllowedRenditions { .. }))
    {
        return Err(format!(
            "{abr}/rules: Should not have both FORCE_INCLUDE_RENDITIONS and ALLOWED_RENDITIONS"
        ));
    }
    let kind = group.output_group_settings.streaming();
    let kind = kind.map(|settings| settings.kind);
    let mut pictures = 0;
    for (number, output) in group.outputs.iter().enumerate() {
        let Some(video) = &output.video_description else {
            continue;
        };
        let place = format!("{at}/outputs/{number}/videoDescription");
        pictures += 1;
        let encoder = video.codec_settings.encoder();
        let Some((codec @ (Codec::H264 | Codec::H265), settings)) = encoder else {
            return Err(format!(
                "{place}/codecSettings/codec: Should be H_264 or H_265 with automated ABR"
            ));
        };
        if settings.mode(codec) != RateControlMode::Qvbr
            || settings.quality_tuning_level != QualityTuningLevel::MultiPassHq
        {
            return Err(format!(
                "{place}/codecSettings/{}: Should have rateControlMode QVBR and qualityTuningLevel MULTI_PASS_HQ \
                 with automated ABR",
                codec.member()
            ));
        }
        if video.scaling_behavior == ScalingBehavior::FitNoUpscale {
            return Err(format!(
                "{place}/scalingBehavior: Should not be FIT_NO_UPSCALE with automated ABR"
            ));
        }
        // Public jobs of the console have both in outputs of HLS groups.
        if !output.audio_descriptions.is_empty() && kind != Some(StreamKind::Hls) {
            return Err(format!(
                "{at}/outputs/{number}: Should have its audio in another output with automated ABR"
            ));
        }
    }
    if pictures != 1 {
        return Err(format!(
            "{at}/outputs: Should have 1 output with video with automated ABR"
        ));
    }
    Ok(())
}

fn lengths(settings: &StreamingSettings, at: &str) -> Result<(), String> {
    let length = f64::from(settings.segment_length);
    let last = settings.min_final_segment_length;
    if last != 0.0 && !(1.0..length).contains(&last) {
        return Err(format!(
            "{at}/minFinalSegmentLength: Should be 0, or from 1 to less than segmentLength"
        ));
    }
    if settings.kind != StreamKind::Hls
        && !settings
            .segment_length
            .is_multiple_of(settings.fragment_length)
    {
        return Err(format!(
            "{at}/segmentLength: Should be a multiple of fragmentLength"
        ));
    }
    Ok(())
}

fn encryption(group: &OutputGroup, settings: &StreamingSettings, at: &str) -> Result<(), String> {
    let Some(encryption) = &settings.encryption else {
        return Ok(());
    };
    let at = format!("{at}/encryption");
    let provider = encryption
        .static_key_provider
        .as_ref()
        .ok_or_else(|| format!("{at}: staticKeyProvider is a required property"))?;
    for (there, name) in [
        (provider.static_key_value.is_some(), "staticKeyValue"),
        (provider.url.is_some(), "url"),
    ] {
        if !there {
            return Err(format!(
                "{at}/staticKeyProvider: {name} is a required property"
            ));
        }
    }
    if encryption.encryption_method.is_none() {
        return Err(format!("{at}: encryptionMethod is a required property"));
    }
    if Cipher::new(encryption).is_none() {
        return Err(format!(
            "{at}/staticKeyProvider/staticKeyValue: Should be 32 hexadecimal digits"
        ));
    }
    if settings.kind == StreamKind::Hls && settings.is_single_file() {
        return Err(format!(
            "{at}: this server refuses encryption together with SINGLE_FILE"
        ));
    }
    for (index, output) in group.outputs.iter().enumerate() {
        let video = output.video_description.as_ref();
        let codec = video.and_then(|video| video.codec_settings.encoder());
        if settings.kind == StreamKind::Cmaf
            && let Some((codec, _)) = codec
            && !matches!(codec, Codec::H264 | Codec::H265)
        {
            return Err(format!(
                "{at}: this server encrypts pictures of H_264 and H_265 only, and output {index} has another codec"
            ));
        }
    }
    Ok(())
}

fn manifests(group: &OutputGroup, settings: &StreamingSettings, at: &str) -> Result<(), String> {
    let manifests = &settings.additional_manifests;
    if manifests.len() > MOST_MANIFESTS {
        return Err(format!(
            "{at}/additionalManifests: Should have at most {MOST_MANIFESTS} items"
        ));
    }
    for (number, manifest) in manifests.iter().enumerate() {
        let at = format!("{at}/additionalManifests/{number}");
        let same = |other: &&AdditionalManifest| {
            other.manifest_name_modifier == manifest.manifest_name_modifier
        };
        if manifest.manifest_name_modifier.is_empty() {
            return Err(format!("{at}: manifestNameModifier is a required property"));
        }
        if manifests.iter().filter(same).count() > 1 {
            return Err(format!(
                "{at}/manifestNameModifier: Should differ from those of the other manifests"
            ));
        }
        if manifest.selected_outputs.is_empty() {
            return Err(format!(
                "{at}/selectedOutputs: Should have at least 1 items"
            ));
        }
        for (index, selected) in manifest.selected_outputs.iter().enumerate() {
            let there = group
                .outputs
                .iter()
                .any(|output| output.name_modifier == *selected);
            if !there {
                return Err(format!(
                    "{at}/selectedOutputs/{index}: Should be the nameModifier of an output of the group"
                ));
            }
        }
    }
    Ok(())
}

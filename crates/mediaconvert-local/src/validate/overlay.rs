//! Rules of rectangles, of what is drawn over pictures, and of colours.

use crate::settings::{
    ColorSpaceConversion, ImageInserter, Input, Rectangle, Settings, TimecodeSource,
    VideoDescription,
};
use crate::timecode::Timecode;

use super::source;

/// Pixels that letters of burnt-in timecodes may have.
const FONT_SIZES: [u32; 4] = [10, 16, 32, 48];

pub(super) fn of_job(settings: &Settings) -> Result<(), String> {
    let config = &settings.timecode_config;
    timecode(config.start.as_deref(), "/timecodeConfig/start")?;
    if config.source == TimecodeSource::Specifiedstart && config.start.is_none() {
        return Err("/timecodeConfig: start is a required property".to_owned());
    }
    Ok(())
}

pub(super) fn of_input(input: &Input, at: &str) -> Result<(), String> {
    rectangle(input.crop, &format!("{at}/crop"))?;
    rectangle(input.position, &format!("{at}/position"))?;
    images(
        input.image_inserter.as_ref(),
        &format!("{at}/imageInserter"),
    )
}

pub(super) fn of_output(video: &VideoDescription, at: &str) -> Result<(), String> {
    rectangle(video.crop, &format!("{at}/crop"))?;
    rectangle(video.position, &format!("{at}/position"))?;
    let at = format!("{at}/videoPreprocessors");
    let preprocessors = &video.video_preprocessors;
    images(
        preprocessors.image_inserter.as_ref(),
        &format!("{at}/imageInserter"),
    )?;
    let size = preprocessors
        .timecode_burnin
        .as_ref()
        .and_then(|burnin| burnin.font_size);
    if size.is_some_and(|size| !FONT_SIZES.contains(&size)) {
        return Err(format!(
            "{at}/timecodeBurnin/fontSize: Should be one of {FONT_SIZES:?}"
        ));
    }
    let corrector = &preprocessors.color_corrector;
    let light = corrector.hdr10_metadata.and_then(|metadata| {
        metadata
            .max_content_light_level
            .zip(metadata.max_frame_average_light_level)
    });
    if corrector.color_space_conversion == ColorSpaceConversion::ForceHdr10 && light.is_none() {
        return Err(format!(
            "{at}/colorCorrector: hdr10Metadata with maxContentLightLevel and \
             maxFrameAverageLightLevel is a required property of FORCE_HDR10"
        ));
    }
    Ok(())
}

fn rectangle(rectangle: Option<Rectangle>, at: &str) -> Result<(), String> {
    let Some(Rectangle {
        width,
        height,
        x,
        y,
    }) = rectangle
    else {
        return Ok(());
    };
    for (name, pixels) in [("width", width), ("height", height), ("x", x), ("y", y)] {
        if pixels % 2 != 0 {
            return Err(format!("{at}/{name}: Should be a multiple of 2"));
        }
    }
    Ok(())
}

fn images(inserter: Option<&ImageInserter>, at: &str) -> Result<(), String> {
    let images = inserter.map(|inserter| inserter.insertable_images.as_slice());
    for (number, image) in images.unwrap_or_default().iter().enumerate() {
        let at = format!("{at}/insertableImages/{number}");
        let required = [
            ("imageInserterInput", image.image_inserter_input.is_some()),
            ("imageX", image.image_x.is_some()),
            ("imageY", image.image_y.is_some()),
        ];
        if let Some((name, _)) = required.iter().find(|(_, there)| !there) {
            return Err(format!("{at}: {name} is a required property"));
        }
        let url = image.image_inserter_input.as_deref().unwrap_or_default();
        source(url, &format!("{at}/imageInserterInput"))?;
        timecode(image.start_time.as_deref(), &format!("{at}/startTime"))?;
    }
    Ok(())
}

fn timecode(text: Option<&str>, at: &str) -> Result<(), String> {
    match text.map(str::parse::<Timecode>) {
        Some(Err(error)) => Err(format!("{at}: {error}")),
        _ => Ok(()),
    }
}

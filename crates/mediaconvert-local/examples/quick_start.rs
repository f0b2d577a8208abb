//! The quick start of the README, for the AWS SDK for Rust.
#![expect(clippy::print_stdout, reason = "an example tells what it does")]

use aws_sdk_mediaconvert::types::{AacCodingMode, AacSettings, AudioCodec, AudioCodecSettings};
use aws_sdk_mediaconvert::types::{AudioDescription, ContainerSettings, ContainerType, Input};
use aws_sdk_mediaconvert::types::{FileGroupSettings, JobSettings, Output, OutputGroup};
use aws_sdk_mediaconvert::types::{OutputGroupSettings, OutputGroupType};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args().nth(1);
    let endpoint = given.unwrap_or("http://127.0.0.1:4567".to_owned());
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .load()
        .await;
    let client = aws_sdk_mediaconvert::Client::new(&config);
    let aac = AacSettings::builder()
        .bitrate(96_000)
        .coding_mode(AacCodingMode::CodingMode20)
        .sample_rate(48_000);
    let codec = AudioCodecSettings::builder()
        .codec(AudioCodec::Aac)
        .aac_settings(aac.build());
    let sound = AudioDescription::builder().codec_settings(codec.build());
    let mp4 = ContainerSettings::builder().container(ContainerType::Mp4);
    let output = Output::builder()
        .container_settings(mp4.build())
        .audio_descriptions(sound.build());
    let group = OutputGroupSettings::builder()
        .r#type(OutputGroupType::FileGroupSettings)
        .file_group_settings(
            FileGroupSettings::builder()
                .destination("s3://out/rust/sound")
                .build(),
        );
    let group = OutputGroup::builder()
        .output_group_settings(group.build())
        .outputs(output.build());
    let input = Input::builder().file_input("s3://source/clip.mp4");
    let settings = JobSettings::builder()
        .inputs(input.build())
        .output_groups(group.build());
    let created = client
        .create_job()
        .role("arn:aws:iam::000000000000:role/convert")
        .settings(settings.build())
        .send()
        .await?;
    println!("{}", created.job.and_then(|job| job.id).unwrap_or_default());
    Ok(())
}

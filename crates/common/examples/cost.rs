//! Explains what a profile makes of a file, why, and what that costs beside the jobs of others: `make cost VIDEO=path`.
//! Without a file, the table of the README.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::path::Path;

use anyhow::{Context, Result, bail};
use common::cost::{self, Cost, Prices, peers};
use common::job::{Plan, Recipe};
use common::ladder::Reason;
use common::media::{Audio, Captions, FrameRate, Media, Video};
use common::profile::{DEFAULT_PROFILE, Profile};
use common::rotation::Rotation;
use common::source::Source;
use test_support::probe::probe;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [path, name, region] = [0, 1, 2].map(|index| arguments.get(index).map(String::as_str));
    let own_prices = arguments.get(3).filter(|path| !path.is_empty());
    let region = region
        .filter(|region| !region.is_empty())
        .unwrap_or("us-east-1");
    let prices = match own_prices {
        Some(path) => {
            let text = std::fs::read(path).with_context(|| format!("read {path}"))?;
            Prices::from_json(&text, region)?
        }
        None => Prices::built_in(region)?,
    };
    match path.filter(|path| !path.is_empty()) {
        Some(path) => explain(&prices, &probe(path)?, name.filter(|name| !name.is_empty())),
        None => table(&prices),
    }
}

fn explain(prices: &Prices, media: &Media, name: Option<&str>) -> Result<()> {
    let name = name.unwrap_or(DEFAULT_PROFILE);
    let profile = if Path::new(name).extension().is_some_and(|end| end == "json") {
        let text = std::fs::read(name).with_context(|| format!("read {name}"))?;
        Profile::from_json(&text).with_context(|| format!("understand {name}"))?
    } else {
        Profile::built_in(name).with_context(|| format!("there is no built-in profile {name}"))?
    };
    let plan = match Plan::new(&profile, media) {
        Ok(plan) => plan,
        Err(failure) => bail!("{}", failure.sentence),
    };
    for step in plan.ladder() {
        let why = match step.reason {
            Reason::Source => "as large as the source: larger would cost more and show no more",
            Reason::Rung => "a rung of the profile, at least a fifth smaller than the one above",
            Reason::Profile => "the largest that the profile makes",
            Reason::Codec => "the largest of this shape that the codec takes",
        };
        println!("{}x{}: {why}", step.size.width, step.size.height);
        if let Some(rate) = step.frame_rate {
            println!("  slowed to {:.2} frames per second", rate.per_second());
        }
    }
    let ours = ours(prices, &profile, media)?;
    println!("\n{:<14} {:>12} {:>12}", "output", "a minute", "all of it");
    for output in &ours.outputs {
        let (rate, amount) = (money(output.rate), output.amount.map_or("?".into(), money));
        let tier = if output.professional.is_empty() {
            String::new()
        } else {
            let reasons = output.professional.join(" and ");
            format!("  professional tier, for {reasons}")
        };
        println!("{:<14} {rate:>12} {amount:>12}{tier}", output.name);
    }
    println!("\n{:<14} {:>25} {}", name, total(&ours), ours.currency);
    if let Some(other) = cost::automated(prices, &settings(&profile, media)?, media) {
        let verdict = if other.may_pay() {
            "may pay"
        } else {
            "doesn't pay"
        };
        println!(
            "automated ABR {verdict}: {} for three pictures, instead of {} for these; it may make more",
            money(other.automated),
            money(other.ladder)
        );
    }
    for (peer, cost) in others(prices, media)? {
        println!("{peer:<14} {:>25} {}", total(&cost), cost.currency);
    }
    println!(
        "\nAn estimate by the price table {}; what is assumed is said there.",
        ours.prices
    );
    Ok(())
}

/// Ten minutes of five typical sources.
fn table(prices: &Prices) -> Result<()> {
    let sources = [
        ("480p clip", 854, 480, 30),
        ("720p, upright", 720, 1280, 30),
        ("1080p", 1920, 1080, 30),
        ("1080p, 60 fps", 1920, 1080, 60),
        ("2160p", 3840, 2160, 30),
    ];
    let peers = peers::peers()?;
    let names = peers.iter().map(|peer| peer.name.as_str());
    let names: Vec<_> = ["standard", "small", "efficient"]
        .into_iter()
        .chain(names)
        .collect();
    println!("| ten minutes of | {} |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(names.len()));
    for (label, width, height, rate) in sources {
        let media = typical(width, height, rate);
        let mut costs = Vec::new();
        for name in ["standard", "small", "efficient"] {
            let profile = Profile::built_in(name).context("a built-in profile")?;
            costs.push(ours(prices, &profile, &media)?);
        }
        costs.extend(others(prices, &media)?.into_iter().map(|(_, cost)| cost));
        let cells: Vec<_> = costs
            .iter()
            .map(|cost| format!("${}", total(cost)))
            .collect();
        println!("| {label} | {} |", cells.join(" | "));
    }
    Ok(())
}

fn settings(profile: &Profile, media: &Media) -> Result<aws_sdk_mediaconvert::types::JobSettings> {
    let source = Source {
        bucket: "source".to_owned(),
        key: "source.mp4".to_owned(),
        version_id: None,
        etag: "e".to_owned(),
        size_bytes: 1,
        sequencer: None,
        attempt: 0,
    };
    match Plan::new(profile, media) {
        Ok(plan) => Ok(Recipe::Plan(Box::new(plan))
            .order(&source, "s3://converted/video")
            .settings),
        Err(failure) => bail!("{}", failure.sentence),
    }
}

fn ours(prices: &Prices, profile: &Profile, media: &Media) -> Result<Cost> {
    Ok(cost::estimate(prices, &settings(profile, media)?, media))
}

fn others(prices: &Prices, media: &Media) -> Result<Vec<(String, Cost)>> {
    let height = media.video.as_ref().map_or(0, |video| video.size().height);
    let peers = peers::peers()?.into_iter().map(|peer| {
        let cost = cost::estimate(prices, &peer.settings(height), media);
        (peer.name, cost)
    });
    Ok(peers.collect())
}

fn total(cost: &Cost) -> String {
    cost.estimated.map_or("?".to_owned(), money)
}

/// Of millionths.
fn money(millionths: u64) -> String {
    format!(
        "{}.{:04}",
        millionths / 1_000_000,
        millionths % 1_000_000 / 100
    )
}

fn typical(width: u32, height: u32, rate: u32) -> Media {
    let video = Video {
        width,
        height,
        pixel_aspect: None,
        rotation: Rotation::None,
        frame_rate: Some(FrameRate {
            numerator: rate,
            denominator: 1,
        }),
        interlaced: false,
        hdr: false,
    };
    Media {
        duration_ms: Some(600_000),
        video: Some(video),
        audio: vec![Audio {
            track: 1,
            channels: 2,
            language: None,
        }],
        captions: Captions::None,
    }
}

//! The job that an upload is to get: which profile, what it makes of the source, and for what price.

use std::borrow::Cow;

use common::captions::Track;
use common::clip::Clip;
use common::cost::{self, Cost, Prices};
use common::failure::{Failure, FailureCode};
use common::job::{Order, Plan, Recipe, Watermark};
use common::media::Media;
use common::profile::Profile;
use common::source::Source;
use common::video::{Making, Video};

use crate::captions;
use crate::clients::Clients;
use crate::config::{Budget, Config};
use crate::error::SubmitError;
use crate::inspect::Inspected;
use crate::parts;
use crate::profile::{self, Chosen, ProfileError};

/// A job that is to be created.
pub(crate) struct BuiltJob {
    /// What it makes, and what it costs.
    pub(crate) making: Making,
    /// What MediaConvert is asked for.
    pub(crate) order: Order,
}

/// The profile that a job too dear is made with instead.
const SMALLER: &str = "small";

/// Decides on the job of `source`, at the attempt that `record` has seen, with the captions beside it and inside of it.
pub(crate) async fn build(
    clients: &Clients,
    config: &Config,
    source: &Source,
    record: Option<&Video>,
    inspected: Inspected,
) -> Result<BuiltJob, BuildError> {
    let (media, labels) = (&inspected.media, &inspected.labels);
    let chosen = record.and_then(|video| video.profile.as_deref());
    let name = profile::name(clients, config, source, chosen, labels).await?;
    let found = profile::find(clients, config, &name).await?;
    let watermark = match &found {
        Chosen::Profile(found) => profile::watermark(clients, config, &name, found).await?,
        Chosen::Template(_) => None,
    };
    let clip = record.and_then(|video| video.clip_of(source));
    let mut wanted = Wanted {
        source,
        record,
        media,
        clip,
        watermark,
        tracks: Vec::new(),
    };
    let recipe = match found {
        Chosen::Profile(mut profile) => {
            let download = record.and_then(|video| video.download);
            profile.download = download.unwrap_or(profile.download);
            let plan = wanted.plan(&profile)?;
            if plan.takes_captions() {
                let search = inspected.captions;
                wanted.tracks = inspected.beside?;
                let inside = captions::inside(clients, source, media, search).await?;
                wanted.tracks.extend(inside);
            }
            Recipe::Plan(Box::new(plan.with_captions(wanted.tracks.clone())))
        }
        Chosen::Template(template) => Recipe::Template(match clip {
            Some(clip) => Box::new(template.of_clip(media, clip)?),
            None => template,
        }),
    };
    let prices = profile::prices(clients, config).await?;
    let at_price = |name: &str, recipe| wanted.priced(config, &prices, name, recipe);
    let (job, cost) = at_price(&name, recipe);
    let Some((budget, dear)) = config
        .budget
        .and_then(|budget| Some((budget, too_dear(&cost, budget)?)))
    else {
        let note = left_out(&job.making);
        return Ok(job.at(cost, note));
    };
    if budget.downgrades {
        let plan = wanted.plan(&Profile::small())?;
        let plan = plan.with_captions(wanted.tracks.clone());
        let (smaller, cost) = at_price(SMALLER, Recipe::Plan(Box::new(plan)));
        if too_dear(&cost, budget).is_none() {
            let note = format!("{SMALLER} instead of {name}: {dear}");
            return Ok(smaller.at(cost, Some(note)));
        }
    }
    let failure = Failure::ours(FailureCode::TooExpensive);
    Err(failure.with_message(format!("{name}: {dear}")).into())
}

/// What is wanted of a source, whatever the profile.
struct Wanted<'a> {
    source: &'a Source,
    record: Option<&'a Video>,
    media: &'a Media,
    clip: Option<Clip>,
    watermark: Option<Watermark>,
    tracks: Vec<Track>,
}

impl Wanted<'_> {
    /// Without captions, which not every plan takes.
    fn plan(&self, profile: &Profile) -> Result<Plan, Failure> {
        let plan = match self.clip {
            Some(clip) => Plan::of_clip(profile, self.media, clip)?,
            None => Plan::new(profile, self.media)?,
        };
        let plan = match self.record.filter(|_| profile.video.per_title) {
            Some(video) => plan.per_title(&video.measured_of(self.source)),
            None => plan,
        };
        Ok(plan.with_watermark(self.watermark.clone()))
    }

    fn priced(
        &self,
        config: &Config,
        prices: &Prices,
        profile: &str,
        recipe: Recipe,
    ) -> (BuiltJob, Cost) {
        let making = Making {
            profile: Some(profile.to_owned()),
            ..recipe.making()
        };
        let order = recipe.order(self.source, &config.target.destination(self.source));
        let part = match self.clip {
            Some(clip) => Cow::Owned(self.media.clipped(clip)),
            None => Cow::Borrowed(self.media),
        };
        let cost = cost::estimate(prices, &order.settings, &part);
        (BuiltJob { making, order }, cost)
    }
}

impl BuiltJob {
    fn at(mut self, cost: Cost, note: Option<String>) -> Self {
        self.making.cost = Some(Cost { note, ..cost });
        self
    }
}

/// Why the cost is above the budget, if it is. What can't be estimated passes.
fn too_dear(cost: &Cost, budget: Budget) -> Option<String> {
    let estimated = amount(cost.estimated?);
    let (currency, most) = (&cost.currency, budget.most);
    (estimated > most).then(|| {
        format!("estimated at {estimated:.2} {currency}, and {most:.2} {currency} is the most")
    })
}

/// What the profile offers and the job doesn't make, in words.
fn left_out(making: &Making) -> Option<String> {
    let left_out = making.left_out.iter();
    let names: Vec<_> = left_out.map(|made| made.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("without {}: it came out alike", names.join(", ")))
}

/// Of millionths.
fn amount(millionths: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no job costs billions")]
    let amount = millionths as f64 / 1_000_000.0;
    amount
}

/// Why there is no job to create.
pub(crate) enum BuildError {
    /// It never will be a video.
    Unusable(Failure),
    /// Something can't be read now.
    Unread(SubmitError),
}

impl From<Failure> for BuildError {
    fn from(failure: Failure) -> Self {
        Self::Unusable(failure)
    }
}

impl From<ProfileError> for BuildError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Unusable(failure) => Self::Unusable(failure),
            ProfileError::Unread(error) => Self::Unread(error.into()),
        }
    }
}

impl From<captions::ReadError> for BuildError {
    fn from(error: captions::ReadError) -> Self {
        Self::Unread(error.into())
    }
}

impl From<parts::ReadError> for BuildError {
    fn from(error: parts::ReadError) -> Self {
        Self::Unread(error.into())
    }
}

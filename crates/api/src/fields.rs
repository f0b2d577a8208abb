//! What several requests have in common: each of these checks itself.

use common::profile::{BUILT_IN, Named};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::Checked;
use crate::problem::FieldError;
use crate::text;

/// What people call a video.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(
    min_length = 1,
    max_length = 200,
    pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
)]
pub(crate) struct Title(String);

impl Title {
    /// Without the spaces around it.
    pub(crate) fn trimmed(self) -> String {
        self.0.trim().to_owned()
    }
}

impl Checked for Title {
    fn check(&self, errors: &mut Vec<FieldError>) {
        text::line("/title", &self.0, text::TITLE_CHARACTERS, errors);
    }
}

/// What people say about a video.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(
    max_length = 5000,
    pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
)]
pub(crate) struct Description(String);

impl Description {
    /// Without the spaces around it; may be empty.
    pub(crate) fn trimmed(self) -> String {
        self.0.trim().to_owned()
    }
}

impl Checked for Description {
    fn check(&self, errors: &mut Vec<FieldError>) {
        let most = text::DESCRIPTION_CHARACTERS;
        text::lines("/description", &self.0, most, errors);
    }
}

/// How a video is converted: a name in `/api/config`, or of a profile of the stack's own.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(max_length = 64, example = "standard")]
pub(crate) struct ProfileName(pub(crate) String);

impl Checked for ProfileName {
    /// A name that no profile can have is a mistake. Whether a stack's own profile exists shows when a video is converted.
    fn check(&self, errors: &mut Vec<FieldError>) {
        if Named::parse(&self.0).is_none() {
            let detail = format!(
                "There is no such profile. Choose from: {}; or name one of your own in lower-case letters, digits and hyphens.",
                BUILT_IN.join(", ")
            );
            errors.push(FieldError::new("/profile", detail));
        }
    }
}

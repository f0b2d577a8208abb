//! Which profile a video gets: by name, from the place nearest to the video.

use super::BUILT_IN;

/// A name, understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Named {
    /// One that every stack has.
    BuiltIn(String),
    /// A file of the stack's own: its key in the configuration bucket.
    Own(String),
    /// A job template of the account: its name.
    Template(String),
}

/// What a job template's name is told by.
const TEMPLATE: &str = "template:";
/// Characters of a name, at most.
pub const MAX_NAME: usize = 64;

impl Named {
    /// Understands a name: of a built-in profile; of lower-case letters, digits and hyphens, of an own one; or
    /// `template:` and the name of a job template. `None` where it can't be any of them.
    pub fn parse(name: &str) -> Option<Self> {
        if name.chars().count() > MAX_NAME {
            return None;
        }
        if BUILT_IN.contains(&name) {
            return Some(Self::BuiltIn(name.to_owned()));
        }
        if let Some(template) = name.strip_prefix(TEMPLATE) {
            // The characters that MediaConvert allows.
            // Source: <https://docs.aws.amazon.com/mediaconvert/latest/apireference/jobtemplates.html>.
            let allowed = |c: char| c.is_ascii_alphanumeric() || "_-. /:".contains(c);
            let named = !template.trim().is_empty() && template.chars().all(allowed);
            return named.then(|| Self::Template(template.to_owned()));
        }
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let named = !name.is_empty() && !name.starts_with('-') && name.chars().all(letters);
        named.then(|| Self::Own(format!("profiles/{name}.json")))
    }
}

/// Where a profile may be named, nearest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices<'a> {
    /// By a person, through the API.
    pub record: Option<&'a str>,
    /// In the object's metadata, `x-amz-meta-profile`.
    pub metadata: Option<&'a str>,
    /// In the object's tag `profile`.
    pub tag: Option<&'a str>,
    /// For the whole stack.
    pub default: &'a str,
}

impl<'a> Choices<'a> {
    /// The nearest one; an empty name names none.
    pub fn name(self) -> &'a str {
        [self.record, self.metadata, self.tag]
            .into_iter()
            .flatten()
            .map(str::trim)
            .find(|name| !name.is_empty())
            .unwrap_or(self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, Named};

    #[test]
    fn a_name_says_where_its_profile_is() {
        let own = |key: &str| Some(Named::Own(key.into()));
        assert_eq!(Named::parse("small"), Some(Named::BuiltIn("small".into())));
        assert_eq!(
            Named::parse("courses-2026"),
            own("profiles/courses-2026.json")
        );
        assert_eq!(
            Named::parse("template:House Style_1.2"),
            Some(Named::Template("House Style_1.2".into()))
        );
        let long = "a".repeat(65);
        for name in [
            "",
            "../x",
            "a/b",
            "Standard",
            "template:",
            "template:ü",
            &long,
        ] {
            assert_eq!(Named::parse(name), None, "{name}");
        }
    }

    #[test]
    fn the_nearest_name_wins() {
        let mut choices = Choices {
            record: Some("a"),
            metadata: Some("b"),
            tag: Some("c"),
            default: "d",
        };
        assert_eq!(choices.name(), "a");
        choices.record = None;
        assert_eq!(choices.name(), "b");
        choices.metadata = Some(" ");
        assert_eq!(choices.name(), "c");
        choices.tag = None;
        assert_eq!(choices.name(), "d");
    }
}

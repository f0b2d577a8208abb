//! How a function reads its settings: from named variables, with errors that name the variable and
//! never tell its value.

use std::str::FromStr;

/// Why a function's settings can't be used.
#[derive(Debug, thiserror::Error, Eq, PartialEq)]
pub enum ConfigError {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The variable doesn't hold a number.
    #[error("the environment variable {0} is not a number")]
    NotANumber(&'static str),
}

/// The variable's value.
///
/// # Errors
///
/// [`ConfigError::Missing`] where it is absent or empty: a template that forgets a value passes "".
pub fn required(
    lookup: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<String, ConfigError> {
    optional(lookup, name).ok_or(ConfigError::Missing(name))
}

/// The variable's value, or `None` where it is absent or empty.
pub fn optional(lookup: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.is_empty())
}

/// The variable's number, or `None` where it is absent or empty.
///
/// # Errors
///
/// [`ConfigError::NotANumber`] where there is something else.
pub fn number<T: FromStr>(
    lookup: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<T>, ConfigError> {
    optional(lookup, name)
        .map(|value| value.parse().map_err(|_| ConfigError::NotANumber(name)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, number, optional, required};

    #[test]
    fn what_is_no_number_is_a_mistake() {
        let lookup = |text: &'static str| move |_: &str| Some(text.to_owned());
        assert_eq!(number(lookup("-16.5"), "LOUDNESS"), Ok(Some(-16.5)));
        assert_eq!(number::<f64>(lookup(""), "LOUDNESS"), Ok(None));
        let mistake = Err(ConfigError::NotANumber("LOUDNESS"));
        assert_eq!(number::<f64>(lookup("loud"), "LOUDNESS"), mistake);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let lookup = |_: &str| Some(String::new());
        assert_eq!(optional(lookup, "QUEUE"), None);
        assert_eq!(
            required(lookup, "TABLE"),
            Err(ConfigError::Missing("TABLE"))
        );
    }
}

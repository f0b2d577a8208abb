//! How a function reads its settings: from named variables, with errors that name the variable and
//! never tell its value.

/// Why a function's settings can't be used.
#[derive(Debug, thiserror::Error, Eq, PartialEq)]
pub enum ConfigError {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
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

#[cfg(test)]
mod tests {
    use super::{ConfigError, optional, required};

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

//! How an error is told to the log.

use std::error::Error;

/// The error and its causes on one line, outermost first: `create the job: service error: …`.
///
/// A cause that repeats the text before it (as wrappers in the SDK do) is told once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if next != last {
            text.push_str(": ");
            text.push_str(&next);
            last = next;
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::chain;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    #[test]
    fn causes_follow_the_error_and_repeats_are_told_once() {
        let root = Layer("refused", None);
        let middle = Layer("refused", Some(Box::new(root)));
        let top = Layer("create the job", Some(Box::new(middle)));
        assert_eq!(chain(&top), "create the job: refused");
    }
}

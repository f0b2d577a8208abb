//! What the tests of several crates share: a table in memory, typical sources, and a probe of local files.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that can't go on has failed"
)]

pub mod fake_table;
pub mod probe;
pub mod sources;

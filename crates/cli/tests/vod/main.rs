//! The program, run against a site that the tests make up.
#![expect(clippy::unwrap_used, reason = "a failing test says where")]

mod commands;
mod sign_in;
mod site;
mod upload;

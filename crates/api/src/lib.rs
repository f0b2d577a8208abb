//! HTTP API Lambda: uploads, library and playback, and the files of the web app.
//!
//! [`router::router`] answers requests without a socket or a Lambda, which is how the tests call it. The requests of
//! people arrive through API Gateway, which has checked their token: `identity` only reads what it found. Pure are
//! `parts`, `cursor`, `fields`, `filter`, `text` and `view`; the other modules answer requests.

pub mod app;
mod captions;
mod clip;
pub mod config;
mod cursor;
mod edit;
mod extract;
mod fields;
mod filter;
mod identity;
mod imports;
mod library;
pub mod openapi;
mod parts;
mod presign;
mod problem;
mod public;
pub mod router;
mod session;
mod storyboard;
mod summary;
mod text;
mod uploads;
mod view;
mod web;

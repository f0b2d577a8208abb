//! HTTP API Lambda: uploads, library and playback, and the files of the web app.
//!
//! [`router::router`] answers requests without a socket or a Lambda, which is how the tests call it. The requests of
//! people arrive through API Gateway, which has checked their token: [`identity`] only reads what it found. Pure are
//! [`parts`], [`cursor`], [`fields`], [`filter`], [`text`] and [`view`]; the other modules answer requests.

pub mod app;
pub mod captions;
pub mod clip;
pub mod config;
pub mod cursor;
pub mod edit;
pub mod extract;
pub mod fields;
pub mod filter;
pub mod identity;
pub mod imports;
pub mod library;
pub mod openapi;
pub mod parts;
pub mod presign;
pub mod problem;
pub mod public;
pub mod router;
pub mod session;
pub mod storyboard;
pub mod summary;
pub mod text;
pub mod uploads;
pub mod view;
pub mod web;

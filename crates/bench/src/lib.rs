//! The pure paths of the functions, for the benchmarks: `benches/paths.rs` takes their time, `bench run` counts their
//! instructions.

pub mod paths;

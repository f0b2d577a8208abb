//! Time of the pure paths: `cargo bench -p bench`.
#![expect(
    clippy::expect_used,
    reason = "a benchmark; the macro makes functions without words"
)]

use bench::paths::{NAMES, Paths};
use criterion::{Criterion, criterion_group, criterion_main};

fn paths(criterion: &mut Criterion) {
    let paths = Paths::new().expect("the fixtures fit");
    for name in NAMES {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| paths.take(name).expect("the path comes to its end"));
        });
    }
}

criterion_group!(benches, paths);
criterion_main!(benches);

#!/usr/bin/env bash
# Fuzzes one target for some seconds with the stable compiler: fuzz/run.sh source 60
#
# cargo-fuzz asks for a nightly compiler because of the sanitizers. There is no unsafe code here for them to watch: coverage is
# enough, and its compiler pass is stable.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=$2

pass=-Cllvm-args=-sanitizer-coverage
export RUSTFLAGS="--cfg fuzzing -Cdebug-assertions -Coverflow-checks -Cpasses=sancov-module $pass-level=4 \
$pass-inline-8bit-counters $pass-pc-table $pass-trace-compares"
triple=$(rustc -vV | sed -n 's/^host: //p')
# With a target named, build scripts aren't instrumented.
cargo build --quiet --release --target "$triple" --bin "$target"

corpus=corpus/$target
mkdir -p "$corpus" "artifacts/$target"
if [ "$target" = source ] && [ -z "$(ls "$corpus")" ]; then
  source=(-f lavfi -i testsrc2=size=64x36:rate=5:duration=3 -f lavfi -i sine=duration=3:sample_rate=8000)
  codecs=(-c:v libx264 -preset ultrafast -bf 2 -g 5 -pix_fmt yuv420p -c:a aac -b:a 16k)
  ffmpeg -v error -nostdin "${source[@]}" "${codecs[@]}" "$corpus/seed.mp4"
  ffmpeg -v error -nostdin "${source[@]}" "${codecs[@]}" -movflags faststart "$corpus/seed.mov"
  ffmpeg -v error -nostdin "${source[@]}" "${codecs[@]}" -movflags frag_keyframe+empty_moov -f mp4 "$corpus/seed-fragments.mp4"
fi
exec "target/$triple/release/$target" "$corpus" -dict=boxes.dict -artifact_prefix="artifacts/$target/" \
  -max_total_time="$seconds" -max_len=40000 -timeout=5 -rss_limit_mb=512 -print_final_stats=1

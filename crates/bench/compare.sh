#!/usr/bin/env bash
# Measures the functions of a commit and those of this tree in turn, three times, and prints the ratios of the best.
# usage: compare.sh BASE "FUNCTIONS" PROCESSES WARM
set -euo pipefail
cd "$(dirname "$0")/../.."
base=$1 functions=$2 processes=$3 warm=$4
tree=target/bench-base

git worktree remove --force "$tree" 2>/dev/null || true
git worktree add --quiet --force --detach "$tree" "$base"
trap 'git worktree remove --force "$tree"' EXIT

build() { # TREE TARGET
  for function in $functions; do
    [ -d "$1/crates/$function" ] || continue
    (cd "$1" && CARGO_TARGET_DIR=$2 cargo lambda build --quiet --release --package "$function" --bin "$function")
  done
  (cd "$1" && CARGO_TARGET_DIR=$2 cargo build --quiet --profile bench-tool --package bench)
}

# Both serve the same page, and a function isn't built for release without one.
rm -rf "$tree/crates/api/web/dist"
cp -R crates/api/web/dist "$tree/crates/api/web/dist"

# The base keeps a target directory of its own: its functions must not replace those of this tree.
target=$PWD/target
echo "Building $base and this tree …"
build "$tree" "$target/bench-base-target"
build . "$target"

# In turns, so that whatever else the machine does falls on both.
for round in 1 2 3; do
  for side in base head; do
    tool=$target
    [ $side = head ] || tool=$target/bench-base-target
    (cd "$([ $side = head ] && echo . || echo "$tree")" && "$tool/bench-tool/bench" run --functions "$tool/lambda" \
      --peers /nonexistent --processes "$processes" --warm "$warm" --json "$target/bench-$side-$round.json" >/dev/null)
  done
done
"$target/bench-tool/bench" compare --base "$target"/bench-base-[123].json --head "$target"/bench-head-[123].json

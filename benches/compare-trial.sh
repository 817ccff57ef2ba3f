#!/usr/bin/env bash
# What `heaplab compare` is worth on this machine: how often it raises an alarm where nothing changed, and how often it
# notices a strategy that was slowed down on purpose. Everything else should rest meanwhile.
#
#     benches/compare-trial.sh [FOLDER]      15 + 10 runs of 8 processes; all pairs of the 15, and each of the 10 against one
#
# RUNS, SLOWED, PROCESSES, STEPS (of useless arithmetic an operation, see crates/cli/examples/slowed.rs) and STRATEGY
# may be set in the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-15} slowed=${SLOWED:-10} processes=${PROCESSES:-8} steps=${STEPS:-10} strategy=${STRATEGY:-first-fit}
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cargo build --release --quiet --package heaplab --example slowed
program=${CARGO_TARGET_DIR:-target}/release/examples/slowed

measure() { # FILE STEPS
    SLOWED_STRATEGY=$strategy SLOWED_STEPS=$2 "$program" run -t gcc,jq,perl,lua \
        -s first-fit,best-fit,free-list,compaction,talc,offset-allocator,dlmalloc --heap 1.5x,2x --timed 2x \
        --rounds 7 --processes "$processes" --time-budget 5m --no-progress --quiet --json "$1" > "$1.txt"
}

for run in $(seq -w 1 "$runs"); do measure "$folder/same-$run.json" 0; done
for run in $(seq -w 1 "$slowed"); do measure "$folder/slowed-$run.json" "$steps"; done

pairs=0 alarms=0
for old in "$folder"/same-*.json; do
    for new in "$folder"/same-*.json; do
        [[ $old < $new ]] || continue
        pairs=$((pairs + 1))
        "$program" compare "$old" "$new" --only time --quiet > "$new.alarm" || {
            alarms=$((alarms + 1))
            grep -h WORSE "$new.alarm"
        }
    done
done
echo "the same program: $alarms alarms in $pairs comparisons of $runs runs"

caught=0 tried=0
olds=("$folder"/same-*.json)
for new in "$folder"/slowed-*.json; do
    old=${olds[$((tried % ${#olds[@]}))]}
    tried=$((tried + 1))
    if "$program" compare "$old" "$new" --only time --quiet --format csv > "$new.csv"; then
        echo "not noticed: $old $new"
    else
        caught=$((caught + 1))
        grep -h "^time,worse" "$new.csv" | cut -d, -f4,5,11,12
    fi
done
echo "$strategy slowed down by $steps steps: caught $caught times of $tried"

#!/usr/bin/env bash
# Records the default suite's traces again, from real programs under valgrind, or checks the ones at hand.
#
#   suites/record.sh                 record every trace, and rewrite manifest.json, the README's table and the hashes
#   suites/record.sh NAME...         the same for these traces alone
#   suites/record.sh --check         compare the traces with the manifest and with default.toml; records nothing
#
# HEAPLAB=PATH uses that binary; otherwise one is built.
# KEEP=FOLDER keeps inputs, outputs and valgrind's logs there.
# LOGS=FOLDER imports the logs that an earlier run kept there, instead of recording: for a new file format.
set -euo pipefail

suites=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
workloads=$suites/workloads
all=(gcc python git sqlite jq perl lua ffmpeg make)

fail() {
    printf 'record.sh: %s\n' "$*" >&2
    exit 1
}

# Built once and put aside: the binary embeds the very files that are replaced here.
prepare_heaplab() {
    if [[ -n ${HEAPLAB:-} ]]; then
        [[ -x $HEAPLAB ]] || fail "HEAPLAB=$HEAPLAB cannot be run"
        heaplab=$(realpath "$HEAPLAB")
        return
    fi
    [[ -n $(command -v cargo) ]] || fail "cargo is missing; HEAPLAB=PATH names a ready binary instead"
    local target
    (cd "$suites/.." && cargo build --release --quiet --package heaplab)
    target=$(cd "$suites/.." && cargo metadata --no-deps --format-version 1 |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    heaplab=$folder/heaplab
    cp "$target/release/heaplab" "$heaplab"
}

# The distribution's own programs: wrappers and other versions earlier in the caller's path stay out.
system_path=/usr/bin:/bin
locate() { PATH=$system_path command -v "$1" || true; }

require() {
    local package=$2
    [[ -n $(locate "$1") ]] || fail "'$1' is missing from $system_path; Debian's package is '$package'"
}

generate() { # script, assignment...
    local script=$1 arguments=()
    shift
    for assignment in "$@"; do arguments+=(-v "$assignment"); done
    LC_ALL=C awk -f "$workloads/random.awk" -f "$workloads/$script" "${arguments[@]}"
}

# Runs one program from start to exit and turns what valgrind saw into a trace.
# The environment is empty but for what is named here and before the `--`, so that nothing of the caller's shows.
# Massif is the lightest tool that traces: half the time of memcheck, and `malloc_usable_size` stays that of a
# real heap (memcheck tells the program the size it asked for).
record() { # name, version, VARIABLE=VALUE..., --, program, argument...
    local name=$1 version=$2 settings=()
    shift 2
    while [[ $1 != -- ]]; do
        settings+=("$1")
        shift
    done
    shift
    local program=$1 status=0
    shift
    printf 'recording %s\n' "$name" >&2
    if [[ -n ${LOGS:-} ]]; then
        cp "$LOGS/$name/valgrind.log" .
    else
        env -i PATH=$system_path LC_ALL=C TZ=UTC HOME=/nonexistent "${settings[@]}" \
            valgrind --tool=massif --massif-out-file=/dev/null --depth=1 \
            --run-libc-freeres=no --run-cxx-freeres=no \
            --trace-malloc=yes --log-file=valgrind.log "$program" "$@" \
            <"${stdin:-/dev/null}" >stdout.txt 2>stderr.txt || status=$?
    fi
    [[ $status -eq 0 ]] || fail "$name: $program ended with status $status: $(tail -n 1 stderr.txt)"

    "$heaplab" --quiet import valgrind.log --name "$name" --output trace.hlt >import.txt
    "$heaplab" --quiet inspect trace.hlt --format json >inspect.json
    python3 "$suites/manifest.py" add "$suites" "$name" --log valgrind.log --trace trace.hlt --inspect inspect.json \
        --version "$version" --valgrind "$(valgrind --version)" --stdin "${stdin:-}" \
        --environment "${settings[*]}" --command "$(basename "$program") $*"
}

trace_gcc() {
    local compiler
    compiler=$(PATH=$system_path gcc -print-prog-name=cc1)
    [[ -x $compiler ]] || fail "gcc names '$compiler' as its compiler proper, and that cannot be run"
    generate gcc.awk functions=7 >unit.c
    # The driver only starts other programs; cc1 is the compiler.
    record gcc "$("$(locate gcc)" --version | head -n 1)" -- "$compiler" -quiet -O2 unit.c -o unit.s
}

trace_python() {
    cp "$workloads/analyze.py" .
    # Python keeps small objects in arenas of its own unless told otherwise: each object shall be an operation.
    record python "$("$(locate python3)" --version)" PYTHONMALLOC=malloc PYTHONHASHSEED=0 -- \
        "$(locate python3)" -S -s -B analyze.py
}

trace_git() {
    local git settings=(GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null)
    git=$(locate git)
    generate git.awk commits=120 >history.fi
    env "${settings[@]}" "$git" init --quiet --bare repository.git
    env "${settings[@]}" "$git" -C repository.git fast-import --quiet <history.fi
    record git "$("$git" --version)" "${settings[@]}" -- "$git" -C repository.git log -p --word-diff --stat main
}

trace_sqlite() {
    generate sqlite.awk rows=600 >shop.sql
    stdin=shop.sql record sqlite "SQLite $("$(locate sqlite3)" --version | cut -d ' ' -f 1,2)" -- "$(locate sqlite3)" shop.db
}

trace_jq() {
    cp "$workloads/filter.jq" .
    generate jq.awk orders=420 >orders.json
    record jq "$("$(locate jq)" --version)" -- "$(locate jq)" -f filter.jq orders.json
}

trace_perl() {
    cp "$workloads/report.pl" .
    generate corpus.awk paragraphs=400 >text.txt
    stdin=text.txt record perl "perl $("$(locate perl)" -e 'print $^V')" PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0 -- \
        "$(locate perl)" report.pl
}

trace_lua() {
    cp "$workloads/simulate.lua" .
    record lua "$("$(locate lua5.4)" -v | cut -d ' ' -f 1,2)" -- "$(locate lua5.4)" simulate.lua
}

trace_ffmpeg() {
    generate ffmpeg.awk frames=560 >video.raw
    # One thread, so that the order of operations is the program's own.
    record ffmpeg "$("$(locate ffmpeg)" -version | head -n 1 | cut -d ' ' -f 1-3)" -- \
        "$(locate ffmpeg)" -v error -nostdin -threads 1 -filter_threads 1 \
        -f rawvideo -pix_fmt gray -s 96x64 -i video.raw -vf scale=128:80,hflip -threads 1 -c:v mpeg4 -f avi clip.avi
}

trace_make() {
    generate make.awk modules=45 >Makefile
    record make "$("$(locate make)" --version | head -n 1)" -- "$(locate make)" -r -n all check
}

names=()
check=no
for argument in "$@"; do
    case $argument in
        --check) check=yes ;;
        -h | --help)
            sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        -*) fail "unknown option '$argument'; known: --check" ;;
        *)
            [[ " ${all[*]} " == *" $argument "* ]] || fail "no trace '$argument'; known: ${all[*]}"
            names+=("$argument")
            ;;
    esac
done
[[ ${#names[@]} -gt 0 ]] || names=("${all[@]}")
require python3 python3

folder=$(mktemp -d "${TMPDIR:-/tmp}/heaplab-suite.XXXXXX")
trap '[[ -z ${KEEP:-} ]] || { mkdir -p "$KEEP" && cp -r "$folder/." "$KEEP/"; }; rm -rf "$folder"' EXIT

if [[ $check == yes ]]; then
    prepare_heaplab
    for name in "${names[@]}"; do
        "$heaplab" --quiet inspect "$suites/$name.hlt" --format json >"$folder/$name.json"
    done
    python3 "$suites/manifest.py" check "$suites" "$folder" "${names[@]}"
    exit
fi

require valgrind valgrind
require awk mawk
for name in "${names[@]}"; do
    case $name in
        gcc) require gcc gcc ;;
        sqlite) require sqlite3 sqlite3 ;;
        lua) require lua5.4 lua5.4 ;;
        python) ;;
        *) require "$name" "$name" ;;
    esac
done
prepare_heaplab
for name in "${names[@]}"; do
    mkdir "$folder/$name"
    (cd "$folder/$name" && "trace_$name")
done
python3 "$suites/manifest.py" table "$suites"

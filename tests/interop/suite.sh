# suite.sh - sourced by the run script of each suite, which defines
#   missing          prints a line for each thing it lacks, with what would bring it
#   fetch            gets the client library (not the tools)
#   tests ARGUMENT...  runs the tests; those arguments are for the test runner
#   passed FILE      prints how many tests passed, from what the test runner wrote
# and calls suite_main "$@":
#   run [ARGUMENT...]  the tests; the last line says passed or FAILED
#   run --missing      says what is missing; fails when anything is
#   run --fetch        gets the client library
set -euo pipefail
suite_dir=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
suite=$(basename "$suite_dir")
interop_dir=$(dirname "$suite_dir")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/natsd-interop

# need COMMAND PACKAGE: a line when the command is not there
need() {
    command -v "$1" >/dev/null || echo "$1 (Debian: $2)"
}

# at_least WANTED FOUND: as versions
at_least() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

find_server() {
    NATSD=${NATSD:-$interop_dir/../../build/release/bin/natsd}
    if [ ! -x "$NATSD" ] || [ -d "$NATSD" ]; then
        echo "interop/$suite: FAILED, no server at $NATSD: build natsd, or set NATSD"
        exit 2
    fi
    NATSD=$(realpath "$NATSD")
    export NATSD
}

# What the tests find in their environment: NATSD, and folders.
#   INTEROP_DIR  where servers have their configuration and log; kept when a test fails
#   INTEROP_PKI  certificates, see ../pki
#   INTEROP_KEYS nkeys and JWTs, see ../keys, which INTEROP_MAKE_KEYS is the path of
make_folders() {
    INTEROP_DIR=$(mktemp -d "${TMPDIR:-/tmp}/natsd-interop-$suite-XXXXXX")
    INTEROP_PKI=$INTEROP_DIR/pki
    "$interop_dir/pki" "$INTEROP_PKI"
    INTEROP_KEYS=$INTEROP_DIR/keys
    INTEROP_MAKE_KEYS=$interop_dir/keys
    "$INTEROP_MAKE_KEYS" "$INTEROP_KEYS"
    export INTEROP_DIR INTEROP_PKI INTEROP_KEYS INTEROP_MAKE_KEYS
}

run_tests() {
    local failed=0 count
    find_server
    make_folders
    # In a pipeline's first part, so that a signal to us reaches the runner as well.
    tests "$@" 2>&1 | tee "$INTEROP_DIR/output" || failed=1
    count=$(passed "$INTEROP_DIR/output")
    if [ "$failed" -ne 0 ] || [ "${count:-0}" -eq 0 ]; then
        echo "interop/$suite: FAILED, ${count:-0} tests passed, $SECONDS s; logs are in $INTEROP_DIR"
        exit 1
    fi
    rm -rf "$INTEROP_DIR"
    echo "interop/$suite: passed, $count tests, $SECONDS s"
}

suite_main() {
    local lacking
    cd "$suite_dir"
    if [ "${1-}" = --fetch ]; then
        fetch
        return
    fi
    lacking=$(need python3 python3; need openssl openssl; missing)
    if [ -n "$lacking" ]; then
        printf '%s\n' "$lacking" | sed "s|^|interop/$suite: missing: |"
        [ "${1-}" = --missing ] || echo "interop/$suite: FAILED, nothing was run"
        exit 2
    fi
    [ "${1-}" = --missing ] || run_tests "$@"
}

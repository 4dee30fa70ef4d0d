#!/usr/bin/env bash
# Sets up what is missing and runs the tests, on a screen in memory of their own.
# Arguments go to pytest, for example: bash packaging/test.sh tests/unit -k title
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bash "$root/packaging/system-packages.sh" test
bash "$root/packaging/setup-python.sh" test
cd "$root"

scratch=$(mktemp -d)
started=()
clean_up() {
    if [[ ${#started[@]} -gt 0 ]]; then
        kill "${started[@]}" 2>/dev/null || true
        wait "${started[@]}" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT

# Xvfb picks a free display itself and writes its number.
Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$scratch/display" >"$scratch/xvfb.log" 2>&1 &
started+=($!)
for _ in {1..100}; do
    [[ -s "$scratch/display" ]] && break
    sleep 0.1
done
if [[ ! -s "$scratch/display" ]]; then
    cat "$scratch/xvfb.log" >&2
    echo "Xvfb did not start." >&2
    exit 1
fi
DISPLAY=":$(<"$scratch/display")"
export DISPLAY LC_ALL=C.UTF-8
export CORRAL_TEST_SCREEN=1 # the tests may type and click there
unset WAYLAND_DISPLAY
if [[ -z "${XDG_RUNTIME_DIR:-}" ]]; then
    export XDG_RUNTIME_DIR="$scratch/runtime" # Qt warns when there is none
    mkdir -m 700 "$XDG_RUNTIME_DIR"
fi
openbox --sm-disable >"$scratch/openbox.log" 2>&1 &
started+=($!)

pytest() { .venv/bin/python -m pytest "$@"; }

if [[ $# -gt 0 ]]; then
    pytest "$@"
    exit
fi
# All tests: those of the window on the screen, and beside them the others on three workers,
# most of which wait for child processes most of the time.
pytest tests/e2e >"$scratch/e2e.log" 2>&1 &
e2e=$!
started+=("$e2e")
failed=0
pytest -n 3 tests/gui tests/property tests/unit || failed=$?
wait "$e2e" || failed=$?
cat "$scratch/e2e.log"
exit "$failed"

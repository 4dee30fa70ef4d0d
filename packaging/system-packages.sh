#!/usr/bin/env bash
# Installs the system packages that Corral needs, on Debian, Ubuntu and their kin.
# `system-packages.sh test` adds those of the tests: a screen in memory, a window manager, fonts,
# a registry to pull from, and curl to race against.
set -euo pipefail

packages=(
    ca-certificates python3 python3-venv # Python, and where to get the rest from
    g++ cmake ninja-build                # compile llama.cpp
    # the window: OpenGL, Wayland, X11 and text
    libgl1 libegl1 libwayland-cursor0 libwayland-egl1 libdbus-1-3 libfontconfig1 libglib2.0-0
    libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xkb1 fonts-dejavu-core
)
if [[ "${1:-}" == test ]]; then
    packages+=(xvfb openbox xdotool fonts-inter fonts-noto-cjk fonts-noto-color-emoji
        curl docker-registry)
fi

if ! command -v apt-get >/dev/null; then
    echo "This is not Debian or Ubuntu, so nothing was installed. Needed, by their names there:" >&2
    echo "  ${packages[*]}" >&2
    exit 0
fi

# Newer systems give some libraries the ending t64.
installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" \
    "${packages[@]/%/t64}" 2>/dev/null | sed -n 's/ installed$//p' || true)
missing=()
for package in "${packages[@]}"; do
    grep -qx -e "$package" -e "${package}t64" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
    as_root=(sudo)
    # Without a terminal nobody can type a password.
    if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
        echo "Some system packages are missing. Run this as root, then start again:" >&2
        echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1
}

echo "Installing system packages (a few minutes at most): ${missing[*]}" >&2
if ! apt update; then
    echo "The list of packages could not be renewed; trying with the old one." >&2
    tail -n 5 "$log" >&2
fi
if [[ " ${missing[*]} " == *" docker-registry "* && -d /run/systemd/system ]]; then
    # The tests start a registry of their own; the package is not to start one for the machine.
    "${as_root[@]}" systemctl mask --quiet docker-registry.service
fi
if ! apt install -y --no-install-recommends "${missing[@]}"; then
    tail -n 30 "$log" >&2
    echo "The system packages could not be installed." >&2
    exit 1
fi

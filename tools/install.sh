#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of the named sections of tools/packages.txt that are missing. Nothing is missing: nothing
# happens. Without root or sudo it prints the one command that somebody with them has to run.
#   sh tools/install.sh run test
set -eu
list=$(dirname "$0")/packages.txt

# The packages of one section, without those whose command is here already.
packages_of() {
    awk -v section="[$1]" '/^\[/ { inside = $0 == section } inside && NF && !/^[[#]/' "$list" |
        while read -r package unless command; do
            [ "$unless" = unless ] && command -v "$command" >/dev/null 2>&1 && continue
            echo "$package"
        done
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for section in "$@"; do
    grep -qxF "[$section]" "$list" || { echo "install: no section '$section' in tools/packages.txt" >&2; exit 2; }
    for package in $(packages_of "$section"); do
        is_installed "$package" || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "install: no apt-get here; the counterparts of these Debian packages are needed:$missing" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as=sudo
else
    echo "install: as root, run: apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi

echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
# shellcheck disable=SC2086 # the list is words
if ! { $as apt-get update -q && $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    echo "install: apt-get could not install$missing" >&2
    exit 1
fi
# shellcheck disable=SC2086
set -- $missing
echo "installed $# packages"

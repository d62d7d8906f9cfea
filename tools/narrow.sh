#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lays out anew the C lines over 100 columns, with clang-format and .clang-format, and leaves all others alone.
#   sh tools/narrow.sh [FILE...]
set -eu
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- $(find src tests bench tools -name '*.[ch]' -not -path '*/node_modules/*')
for file in "$@"; do
    # a ruled line is cut to the width
    awk '{ while (length > 100 && sub(/-- \*\/$/, "- */")) continue; print }' "$file" >"$file.narrow"
    cmp -s "$file" "$file.narrow" || cat "$file.narrow" >"$file"
    rm "$file.narrow"
    lines=$(awk 'length > 100 { printf "--lines=%d:%d ", NR, NR }' "$file")
    # shellcheck disable=SC2086 # one word a line
    [ -z "$lines" ] || clang-format $lines -i "$file"
done

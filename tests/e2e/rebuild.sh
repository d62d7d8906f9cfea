#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the page anew, from its locked packages, in a folder of its own, and compares it byte for byte with the built
# page that is committed in web/dist. Needs node and npm with a package registry; ends with one line.
#   sh tests/e2e/rebuild.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

(cd "$root/web" && tar cf - --exclude=./node_modules --exclude=./dist .) | (mkdir "$work/web" && cd "$work/web" && tar xf -)
cd "$work/web"
npm ci --no-audit --no-fund >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "rebuild: npm ci failed" >&2; exit 1; }
npm run build >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "rebuild: the build failed" >&2; exit 1; }

# The compressed forms may differ between versions of the compressor: then what they unpack to has to be the same.
unpack() {
    node -e 'const zlib = require("zlib"), bytes = require("fs").readFileSync(process.argv[1]);
        const how = process.argv[1].endsWith(".br") ? zlib.brotliDecompressSync : zlib.gunzipSync;
        const { buffer, engine } = how(bytes, { info: true });
        if (engine.bytesWritten !== bytes.length) process.exit(1); // something stands after the end
        process.stdout.write(buffer);' "$1"
}

wrong=0
(cd dist && ls) >"$work/new"
(cd "$root/web/dist" && ls) >"$work/old"
cmp -s "$work/new" "$work/old" || { echo "rebuild: other files than in web/dist" >&2; diff "$work/old" "$work/new" >&2 || true; wrong=1; }
while read -r name; do
    cmp -s "dist/$name" "$root/web/dist/$name" && continue
    case $name in
    *.br | *.gz)
        unpack "$root/web/dist/$name" >"$work/unpacked" 2>/dev/null && cmp -s "$work/unpacked" "dist/${name%.*}" && continue
        ;;
    esac
    echo "rebuild: web/dist/$name is not what web/src builds; run npm run build in web/" >&2
    wrong=1
done <"$work/new"
[ "$wrong" = 0 ] || exit 1
echo "rebuild: web/dist equals a fresh build ($(wc -l <"$work/new") files)"

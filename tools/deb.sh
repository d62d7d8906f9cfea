#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Packs what `make install` put into a folder as a Debian package; the packages it depends on are those that own the
# libraries the program is linked with on this machine.
#   sh tools/deb.sh FOLDER VERSION BUILD
set -eu
folder=$1 version=$2 build=$3
architecture=$(dpkg --print-architecture)

# Libraries that the program itself names, at the place where the loader finds them, by owner.
depends=$(objdump -p "$folder/usr/bin/trader" | sed -n 's/^ *NEEDED *//p' | while read -r library; do
    place=$(ldd "$folder/usr/bin/trader" | sed -n "s|^[[:space:]]*$library => \([^ ]*\) .*|\1|p")
    dpkg-query -S "*${place#/usr}" | sed -n '1s/:.*//p'
done | sort -u | paste -sd, - | sed 's/,/, /g')
[ -n "$depends" ] || { echo "deb: cannot tell which packages own the libraries" >&2; exit 1; }

mkdir -p "$folder/DEBIAN" "$folder/usr/share/doc/trader"
cp LICENSE NOTICE README.md "$folder/usr/share/doc/trader"
cat >"$folder/DEBIAN/control" <<END
Package: trader
Version: $version
Architecture: $architecture
Maintainer: the authors of trader <trader@localhost>
Depends: $depends, ca-certificates
Section: science
Priority: optional
Description: AI crypto trading system, on paper, with a dashboard
 Watches markets, computes indicators, forms signals with reasons, trades on
 paper and shows all of it on a page inside the binary. Experimental, for
 educational and research purposes only; not financial advice.
END
package=$build/trader_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$folder" "$package" >/dev/null
echo "deb: $package ($(du -k "$package" | cut -f1) kB)"

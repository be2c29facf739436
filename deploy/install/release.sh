#!/bin/sh
# Makes the release that this file lies in ready to run: its virtual environment, and the folder of its static files.
# The first one becomes the current one. It may be run again.
set -eu
release=$(cd "$(dirname "$0")/../.." && pwd -P)
base=/srv/petition
umask 022

say() { echo "release.sh: $*"; }

case $release in
"$base"/releases/*) ;;
*) say "unpack releases into $base/releases, and run this one there." >&2 && exit 1 ;;
esac

# The accounts that run the code cannot change it.
chown -R --no-dereference root:root "$release"
chmod -R u+rwX,go+rX,go-w "$release"

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "Python 3.11 or newer is needed." >&2 && exit 1; }
cd "$release"
if ! cmp --silent requirements.txt .venv/requirements.txt; then
    say "installing the packages of requirements.txt, each checked against its hash"
    "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
        --requirement requirements.txt
    cp requirements.txt .venv/requirements.txt
fi
# Static files are collected by petition-owner, and only read by petition.
mkdir -p var/static
if id petition-owner >/dev/null 2>&1; then
    chown -R petition-owner:petition-owner var/static
fi

[ -e "$base/current" ] || ln -s "releases/$(basename "$release")" "$base/current"
say "$release is ready; the current release is $(readlink -f "$base/current")"

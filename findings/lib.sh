# shellcheck shell=bash
# Shared by the scripts of this folder, which source it: a temporary folder, installs of pinned
# packages into it by their ordinary clients, and the three exit codes.
set -euo pipefail
umask 077

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# Ends the script with 77: the packages cannot be installed here, so the behaviour was not observed.
not_installable() {
    printf '%s\n' "NOT INSTALLABLE: $1" "Nothing was observed; exit 77." >&2
    exit 77
}

need() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || not_installable "the command '$command' is missing"
    done
}

# Packages pinned as NAME==VERSION, into the virtual environment "$work/$1".
pip_install() {
    local environment="$work/$1"
    shift
    need python3
    { python3 -m venv "$environment" && "$environment/bin/pip" install -q "$@"; } >&2 ||
        not_installable "pip: $*"
}

# Packages pinned as NAME@VERSION, into "$work/node_modules".
npm_install() {
    need node npm
    npm install --silent --no-audit --no-fund --prefix "$work" "$@" >&2 ||
        not_installable "npm: $*"
}

# Debian packages pinned as NAME=VERSION (a version may end in *), unpacked into "$work/root".
deb_unpack() {
    need apt-get dpkg-deb
    mkdir -p "$work/debs" "$work/root"
    (cd "$work/debs" && apt-get -qq download "$@" 2>"$work/apt.log") ||
        { cat "$work/apt.log" >&2; not_installable "apt: $* (is 'apt-get update' due?)"; }
    local deb
    for deb in "$work"/debs/*.deb; do
        dpkg-deb -x "$deb" "$work/root"
    done
}

# Builds the crate in the folder $1 (its Cargo.toml pins what it uses) into "$work/target".
cargo_build() {
    need cargo
    (cd "$1" && env -u RUSTFLAGS CARGO_TARGET_DIR="$work/target" cargo build --quiet >&2) ||
        not_installable "cargo: $1"
}

# Compares an observation with what the head of the script describes, and prints both if they
# differ. Arguments: NAME DESCRIBED SEEN
observed() {
    if [ "$2" = "$3" ]; then
        printf 'as described: %s: %s\n' "$1" "$3"
    else
        printf 'CHANGED: %s: described "%s", seen "%s"\n' "$1" "$2" "$3"
        failures=$((failures + 1))
    fi
}

# Ends the script: 0 if all observations are as described, 1 if one has changed.
verdict() {
    [ "$failures" -eq 0 ] || { echo "the behaviour has changed; exit 1"; exit 1; }
    echo "the behaviour is as described; exit 0"
}

#!/bin/sh
# Installs the packages whose probe finds nothing: tools/need.sh package:probe...
# A probe is a command, a header if it ends in .h, or a file if it begins with a slash. Never installs with NO_INSTALL=1.
set -u

# Nothing that is installed may start a service. What was at policy-rc.d before comes back, also after a kill.
install_packages() {
    policy=/usr/sbin/policy-rc.d
    saved=$policy.before-stackrig
    restore() {
        rm -f "$policy"
        [ ! -e "$saved" ] || mv "$saved" "$policy"
    }
    [ ! -e "$saved" ] || restore
    [ ! -e "$policy" ] || mv "$policy" "$saved" || return 1
    trap restore EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || return 1
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null &&
        apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" </dev/null
}

present() {
    case $1 in
    /*) # a file; stars are of its name
        # shellcheck disable=SC2086
        set -- $1
        [ -e "$1" ]
        ;;
    *.h) echo "#include <$1>" | ${CC:-cc} ${CPPFLAGS:-} -E -x c - >/dev/null 2>&1 ;;
    cc) command -v "${CC:-cc}" >/dev/null ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;; # servers are not in everybody's PATH
    esac
}

find_missing() {
    missing=
    for need; do
        present "${need#*:}" || missing="$missing ${need%%:*}"
    done
}

if [ "${1:-}" = --install ]; then
    shift
    install_packages "$@" >&2
    exit
fi

find_missing "$@"
[ -n "$missing" ] || exit 0

# One installation at a time: targets of a parallel make wait here, then look again.
exec 9>"${TMPDIR:-/tmp}/stackrig-need.$(id -u).lock" && flock 9
find_missing "$@"
[ -n "$missing" ] || exit 0

stop() {
    echo "missing:$missing" >&2
    echo "$1: apt-get install$missing" >&2
    exit 1
}
[ -z "${NO_INSTALL:-}" ] || stop "NO_INSTALL is set; install them yourself"
command -v apt-get >/dev/null || stop "there is no apt-get here; Debian's names are"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop "not root, and no sudo; as root"
    as_root=sudo
    [ -t 0 ] || as_root='sudo -n'
fi
echo "installing:$missing" >&2
$as_root sh "$0" --install $missing || stop "could not be installed; as root"
find_missing "$@"
[ -z "$missing" ] || stop "installed, but still not found"

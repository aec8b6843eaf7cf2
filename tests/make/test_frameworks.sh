#!/bin/sh
# A library that stands in another's place: what it lacks is an error that names it, and the real one is never mapped.
set -u
BUILD=${BUILD:-build}
fake=$BUILD/lib/stackrig/libmicrohttpd.so.12
[ -e "$fake" ] || { echo "there is no adapter here"; exit 77; }
case $BUILD in *asan* | *tsan*) echo "a sanitizer's runtime cannot be preloaded into a plain program"; exit 77 ;; esac
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

check() {
    if [ "$2" = "$3" ]; then
        echo "ok   $1"
    else
        echo "FAIL $1: \"$2\", expected \"$3\""
        failed=1
    fi
}

cat >"$work/program.c" <<'C'
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
void MHD_of_later(void);
static enum MHD_Result handler(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *size, void **req_cls)
{
    (void)cls, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)size, (void)req_cls;
    return MHD_NO;
}
int main(void)
{
    char line[1024], last[1024] = "";
    struct MHD_Daemon *daemon = MHD_start_daemon(0, 0, NULL, NULL, handler, NULL, MHD_OPTION_END);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        char *path = strchr(line, '/');
        if (path && strstr(path, "libmicrohttpd") && strcmp(path, last) != 0) {
            printf("%s", strcpy(last, path));
        }
    }
    printf("port %d\n", daemon ? (int)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port : -1);
#ifdef LACKING
    MHD_of_later();
#endif
#ifdef SOCKET
    printf("%d\n", (int)MHD_add_connection(daemon, -1, NULL, 0));
#endif
    MHD_stop_daemon(daemon);
    return 0;
}
C

# built for the real one, run with this one
cc -o "$work/program" "$work/program.c" -lmicrohttpd || exit 1
check "preloaded, the real one is not mapped" \
    "$(LD_PRELOAD=$PWD/$fake LD_BIND_NOW=1 "$work/program" | tr '\n' ' ')" "$(realpath "$fake") port 0 "

exported() {
    nm -D --defined-only "$1" | awk '$3 ~ /^MHD_/ { sub(/@.*/, "", $3); print $3 }' | sort -u
}
real=$(cc -print-file-name=libmicrohttpd.so.12)
exported "$real" >"$work/real"
exported "$fake" >"$work/fake"
check "of what the real one exports it lacks" "$(comm -23 "$work/real" "$work/fake" | tr '\n' ' ')" ""
check "the list is not empty" "$(grep -c . "$work/real")" 62

# a socket of the program's own: refused at the call, and said so
cc -g -DSOCKET -o "$work/socket" "$work/program.c" -lmicrohttpd || exit 1
said=$(LD_PRELOAD=$PWD/$fake "$work/socket" 2>&1)
check "a connection over a socket is refused" "$(echo "$said" | tail -n 1)" 0
check "the line and the function are named" "$(echo "$said" | grep -c 'program.c:[0-9]*: MHD_add_connection is refused')" 1

# a function that only another version has, which this stands for
for name in MHD_start_daemon MHD_get_daemon_info MHD_stop_daemon MHD_of_later; do
    echo "void $name(void) {}"
done >"$work/later.c"
cc -shared -fPIC -Wl,-soname,libmicrohttpd.so.12 -o "$work/later.so" "$work/later.c" || exit 1
cc -DLACKING -o "$work/lacking" "$work/program.c" "$work/later.so" || exit 1
said=$(LD_PRELOAD=$PWD/$fake LD_BIND_NOW=1 "$work/lacking" 2>&1)
check "preloaded, a function that is not covered ends the program" "$?" 127
check "and is named" "$(echo "$said" | grep -c 'undefined symbol: MHD_of_later')" 1

# linked to this one
said=$(cc -DLACKING -o "$work/linked" "$work/program.c" "-L$BUILD/lib" -lstackrig-microhttpd 2>&1)
check "linked, a function that is not covered is an error" "$?" 1
check "and is named" "$(echo "$said" | grep -c "undefined reference to .MHD_of_later")" 1
exit $failed

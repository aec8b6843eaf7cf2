#!/usr/bin/env bash
# Writes the man pages from what there is already: stackrig.1 from the command's help, stackrig.3 from the public headers.
# tools/man.sh COMMAND FOLDER header.h...
set -eu
export LC_ALL=C
command=$1 folder=$2
shift 2
mkdir -p "$folder"

version=$("$command" --version | awk '{ print $2 }')

# What roff would read as its own: backslashes, hyphens, a line that begins with a dot or a quote.
roff() {
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^[.']/\\\\\&&/" -e 's/`\([^`]*\)`/\\fB\1\\fR/g'
}

# A verb's help: its usage in bold; options (two blanks, a dash) become tagged paragraphs, what else is indented stands as it
# is, the rest is filled.
verb() {
    awk '
        function roff(text) {
            gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); sub(/^[.\047]/, "\\\\\\&&", text)
            while (match(text, /`[^`]*`/)) {
                text = substr(text, 1, RSTART - 1) "\\fB" substr(text, RSTART + 1, RLENGTH - 2) "\\fR" substr(text, RSTART + RLENGTH)
            }
            return text
        }
        function now(next_state) {
            if (state == next_state) return 0
            if (state == "example") print ".fi\n.RE"
            state = next_state
            return 1
        }
        NR == 1 { sub(/^usage: /, ""); print ".B " roff($0); next }
        /^$/ { now(""); next }
        /^  -/ {
            now("option"); tag = substr($0, 3); text = ""
            if (match(tag, /   */)) { text = substr(tag, RSTART + RLENGTH); tag = substr(tag, 1, RSTART - 1) }
            print ".TP\n.B " roff(tag); if (text != "") print roff(text)
            next
        }
        state == "option" && /^     / { sub(/^ +/, ""); print roff($0); next }
        /^  / { if (now("example")) print ".PP\n.RS\n.nf"; print roff(substr($0, 3)); next }
        { if (now("text")) print ".PP"; print roff($0) }
        END { now("") }'
}

section_one() {
    local verb
    printf '.TH STACKRIG 1 "" "stackrig %s" "Stackrig"\n' "$version"
    printf '.SH NAME\nstackrig \\- runs requests through a stack of HTTP middleware and says which layer broke which rule\n'
    printf '.SH SYNOPSIS\n.B stackrig\n.I verb\n[\n.I argument\n\\&... ]\n'
    printf '.SH DESCRIPTION\nRequests made in memory go through the stack, without a socket or a server.\n'
    for verb in $("$command" --help | awk '/^verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'); do
        printf '.SH %s\n' "${verb^^}"
        "$command" "$verb" --help | verb
    done
    printf '.SH EXIT STATUS\n'
    "$command" --help | sed -n 's/^Exit status: //p' | roff
    printf '.SH SEE ALSO\n.BR stackrig (3)\n'
}

# A header without what is no interface: guards, includes, the marks of C++, macros that end in _, bodies of functions.
interface() {
    awk '
        NR == 1 || head { head = !/\*\//; next }
        /^#(ifndef|endif|include|ifdef|else|if|undef|pragma)/ || /^#define STACKRIG_/ || /^RIG_(BEGIN|END)_DECLS/ { next }
        /^#define (RIG_(BEGIN|END)_DECLS|[A-Za-z_]*_[ (])/ || more { more = /\\$/; next }
        body { body = !/^}/; next }
        /^{/ { body = 1; next }
        /^static inline / { sub(/^static inline /, ""); sub(/$|  ?\/\*/, ";&") }
        /^$/ { blank = 1; next }
        { if (blank && seen) print ""; blank = 0; seen = 1; print }' "$1"
}

# Its first comment, without the stars.
purpose() {
    awk '{ end = /\*\//; sub(/^\/?\*+ ?/, ""); sub(/^ \*\/? ?/, ""); sub(/ *\*\/$/, ""); print ($0 == "" ? ".PP" : $0) } end { exit }' "$1"
}

section_three() {
    local header
    printf '.TH STACKRIG 3 "" "stackrig %s" "Stackrig"\n' "$version"
    printf '.SH NAME\nstackrig \\- a test rig for HTTP middleware stacks, as a library\n'
    printf '.SH SYNOPSIS\n.nf\n.B #include <stackrig/stackrig.h>\n.B cc test.c $(pkg\\-config \\-\\-cflags \\-\\-libs stackrig)\n.fi\n'
    for header; do
        printf '.SH <stackrig/%s>\n' "${header##*/stackrig/}"
        purpose "$header" | roff | sed 's/^\\&\.PP$/.PP/'
        printf '.PP\n.nf\n'
        interface "$header" | roff
        printf '.fi\n'
    done
    printf '.SH SEE ALSO\n.BR stackrig (1)\n'
}

section_one >"$folder/stackrig.1.$$" && mv "$folder/stackrig.1.$$" "$folder/stackrig.1"
section_three "$@" >"$folder/stackrig.3.$$" && mv "$folder/stackrig.3.$$" "$folder/stackrig.3"

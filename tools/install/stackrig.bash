# Completion of stackrig for bash. What there is to choose from is asked of the command itself.

_stackrig_verbs() {
    stackrig --help 2>/dev/null | awk '/^verbs:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

_stackrig_options() {
    stackrig "$1" --help 2>/dev/null | awk '/^  -/ { while (match($0, /--[a-z][a-z-]*/)) {
        print substr($0, RSTART, RLENGTH); $0 = substr($0, RSTART + RLENGTH) } }'
}

_stackrig() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]:-} choice=
    COMPREPLY=()
    case $COMP_CWORD:$verb:$before in
    1:*) choice="$(_stackrig_verbs) --help --version" ;;
    *:--server) choice=$(stackrig servers 2>/dev/null | awk '/^[a-z]/ { print $1 }') ;;
    *:--framework) choice='ulfius microhttpd fcgi' ;;
    *:--fail-on) choice='note warning error' ;;
    *:--format) choice='github json junit sarif tap text' ;;
    2:explain:* | *:--finding | *:--require-armed | *:--ignore) choice=$(stackrig rules 2>/dev/null | awk '{ print $1 }') ;;
    *) [[ $word != -* ]] || choice=$(_stackrig_options "$verb") ;;
    esac
    if [ -n "$choice" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$word")
    else # names of files and the way to them, what else there is comes from -o default
        mapfile -t COMPREPLY < <(compgen -f -X '!*.so' -- "$word"; compgen -f -X '!*.http' -- "$word"; compgen -d -- "$word")
        compopt -o filenames 2>/dev/null # a folder ends in a slash
    fi
}

complete -o default -F _stackrig stackrig

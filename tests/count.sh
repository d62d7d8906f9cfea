# SPDX-License-Identifier: Apache-2.0
# The counters of tests/run.sh, read in by it: what passed, failed and was skipped, from the words of each kind of test.
passed=0 failed=0 skipped=0 held_against=0

# The lines of a log that say what failed and why; where it does not mark them, its end.
show() { # log
    if grep -qE '^ *not ok|^\[ *(ERROR|  FAILED) *\]' "$1"; then
        grep -E -B 4 -A 14 '^ *not ok|^\[ *(ERROR|  FAILED) *\]' "$1" | head -n 80
    else
        tail -n 30 "$1"
    fi | sed 's/^/    /'
}

fail() { # name, why, log
    failed=$((failed + 1))
    echo "FAILED $1: $2"
    [ -z "${3:-}" ] || show "$3"
}

# A skip for want of the shared data or of a peer is excused; any other counts against a STRICT run.
skip() { # name, why
    skipped=$((skipped + 1))
    case $2 in
    *'shared data absent'* | *'peer absent'*) ;;
    *) held_against=$((held_against + 1)) && echo "skipped $1: $2" ;;
    esac
}

# A script that counts itself says so in its last line.
count_own() { # log
    line=$(tail -n 1 "$1" | grep -o '[0-9]* passed, [0-9]* failed, [0-9]* skipped') || return 1
    # shellcheck disable=SC2086 # six words
    set -- "$1" $line
    passed=$((passed + $2)) failed=$((failed + $4)) skipped=$((skipped + $6))
    excused=$(grep -cE '(shared data|peer) absent' "$1")
    [ "$6" -le "$excused" ] || held_against=$((held_against + $6 - excused))
    [ "$4" -gt 0 ] || [ "$6" -gt "$excused" ] || return 0
    grep -iE '^(failed|skip)' "$1" | sed 's/^/    /'
}

count_exit() { # exit code, name, log
    [ "$1" != 0 ] || ! count_own "$3" || return 0
    case $1 in
    0) passed=$((passed + 1)) ;;
    77) skip "$2" "$(tail -n 1 "$3")" ;;
    *) fail "$2" "exit $1" "$3" ;;
    esac
}

# Sum of the numbers N of the lines `[  WORD  ] N test(s)` of all groups of a program.
cmocka_sum() { # word, log
    sed -n "s/^\[ *$1 *\] \([0-9]*\) test(s).*/\1/p" "$2" | awk '{ sum += $1 } END { print sum + 0 }'
}

count_cmocka() { # name, log
    good=$(cmocka_sum PASSED "$2") bad=$(cmocka_sum FAILED "$2") left=$(cmocka_sum SKIPPED "$2")
    excused=$(grep -c '^SKIP \(shared data\|peer\) absent' "$2")
    code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$2" | tail -n 1)
    passed=$((passed + good))
    skipped=$((skipped + left))
    if [ "$left" -gt "$excused" ]; then
        held_against=$((held_against + left - excused))
        echo "skipped in $1: $((left - excused))"
    fi
    if [ "$bad" -gt 0 ]; then
        fail "$1" "$bad tests" "$2"
        failed=$((failed + bad - 1))
    elif [ "$code" != 0 ]; then
        fail "$1" "exit ${code:-unknown}" "$2"
    elif [ $((good + left)) = 0 ]; then
        fail "$1" 'no test ran' "$2"
    fi
}

# node's test runner ends with `# pass N`, `# fail N`, `# skipped N`; on a terminal another sign stands in front.
node_sum() { # word, log
    sed -n "s/^[^ ]* $1 \([0-9]*\)$/\1/p" "$2" | awk '{ sum += $1 } END { print sum + 0 }'
}

count_node() { # exit code, name, log
    good=$(node_sum pass "$3") bad=$(node_sum fail "$3") left=$(node_sum skipped "$3")
    passed=$((passed + good))
    [ "$left" = 0 ] || { skipped=$((skipped + left)) && held_against=$((held_against + left)) && echo "skipped in $2: $left"; }
    if [ "$bad" -gt 0 ] || [ "$1" != 0 ] || [ "$good" = 0 ]; then
        fail "$2" "$bad tests, exit $1" "$3"
        [ "$bad" = 0 ] || failed=$((failed + bad - 1))
    fi
}

part() { # name, function
    [ -z "${ONLY:-}" ] || [ "$ONLY" = "$1" ] || return 0
    before="$passed $failed $skipped" begun=$(date +%s)
    "$2"
    # shellcheck disable=SC2086 # three words
    set -- "$1" $before
    [ "$passed $failed $skipped" = "$2 $3 $4" ] && return 0
    printf '%-10s %4d passed, %d failed, %d skipped  %d s\n' "$1" $((passed - $2)) $((failed - $3)) \
        $((skipped - $4)) $(($(date +%s) - begun))
}

summary() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] || exit 1
    [ "${STRICT:-}" != 1 ] || [ "$held_against" = 0 ] || { echo "STRICT: $held_against skipped without excuse" && exit 1; }
    exit 0
}

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program before a real venue, killed at every write, flush and send around an order, its requests and their answers
# cut at every byte, its disk refusing: each time it is started again, waits until every order's fate is known, and what
# it has on record must be what the venue has. The venue is `trader exchange`, which survives.
#
#   TRADER=build/trader LIFE=build/tests/order_life PROXY=build/tests/cut_proxy SHARE=20 SEED=1 JOBS=4 TABLE=file.md \
#     tests/order_torture.sh [kills|threads|cuts|disk]...
#
# SHARE: one in so many points is tried (1: all). SCENARIOS: those of the kills. Ends with a line of how many checks
# passed, failed and were skipped; exit 1 if any failed. Arrays and jobs are bash's.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -u
TRADER=$(realpath "${TRADER:-build/trader}")
LIFE=$(realpath "${LIFE:-build/tests/order_life}")
PROXY=$(realpath "${PROXY:-build/tests/cut_proxy}")
SHARE=${SHARE:-20}
SEED=${SEED:-1}
JOBS=${JOBS:-4}
TABLE=${TABLE:+$(realpath -m "$TABLE")}
PARTS=${*:-kills threads cuts disk}
WORK=$(mktemp -d /tmp/trader-orders-XXXXXX)
passed=0 failed=0 skipped=0
rows=()

ALL="entry_protected entry_rejected entry_in_parts entry_answer_lost entry_never_arrives entry_unknown_503
  entry_cancelled protection_refused protection_lost stop_moved target_hit target_in_parts stop_hit exit_by_signal
  flattened twice events_hidden"
SCENARIOS=${SCENARIOS:-$ALL}
# What writes, flushes and sends; each is counted by itself.
CALLS="pwrite64 write fdatasync fsync sendto rename unlink"

finish() {
  for list in "$WORK"/*/pids; do [ -r "$list" ] && while read -r pid; do kill "$pid" 2>/dev/null; done <"$list"; done
  rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 130' INT TERM
cd "$WORK" || exit 1

pass() { passed=$((passed + 1)); rows+=("| $1 | ${2:-} | ok |"); printf 'ok      %s%s\n' "$1" "${2:+: $2}"; }
skip() { skipped=$((skipped + 1)); rows+=("| $1 | ${2:-} | skipped |"); printf 'SKIP    %s%s\n' "$1" "${2:+: $2}"; }
fail() { failed=$((failed + 1)); rows+=("| $1 | ${2:-} | FAILED |"); printf 'FAILED  %s%s\n' "$1" "${2:+: $2}"; }

# ---- one venue, one state, one life ----------------------------------------------------------------------------------

# Runs "$@" in a new folder with a venue at $url and a state that has stood before one; the folder's name is $1.
with_venue() {
  local folder=$WORK/$1; shift
  rm -rf "$folder"; mkdir "$folder"; cd "$folder" || return 1
  "$TRADER" exchange --generated --port 0 --seed 3 --symbols BTCUSDC --history 60 --balance USDC=2000000 \
    --key-file "$WORK/key" >venue.out 2>venue.err &
  local venue=$! i; echo "$venue" >pids
  for ((i = 0; i < 1200; i++)); do
    url=$(grep -o 'http://127.0.0.1:[0-9]*' venue.out 2>/dev/null | head -n 1)
    [ -n "$url" ] && break
    sleep 0.05
  done
  if [ -d "$WORK/base" ]; then cp -a "$WORK/base" state; else mkdir state; fi
  "$@"
  local code=$?
  kill "$venue" 2>/dev/null; wait "$venue" 2>/dev/null
  cd "$WORK" || return 1
  return $code
}

life() { timeout -k 5 110 "$LIFE" state "${2:-$url}" "$WORK/key" "$1" "$url" >>life.out 2>>life.err; }
# The start after the disaster goes on with the scenario; whatever it finds, it ends with the venue's own truth.
settles() { timeout -k 5 110 "$LIFE" state "$url" "$WORK/key" "$1" "$url" again >settle.out 2>settle.err; }

trace_calls() { local call list=; for call in $CALLS; do list=$list,$call; done; printf '%s' "${list#,}"; }

# Parallel: `spawn NAME COMMAND...` runs it in the background, its folder kept if it fails; `gather` waits for all.
spawn() {
  while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
  (
    trap - EXIT
    name=$1; shift
    begun=$SECONDS
    if with_venue "$name" "$@"; then echo "ok $((SECONDS - begun)) s $(cat "$WORK/$name/told" 2>/dev/null)"; rm -rf "${WORK:?}/$name"
    else echo "bad $name: $(cat "$WORK/$name/told" 2>/dev/null) $(tail -n 3 "$WORK/$name"/settle.err 2>/dev/null | tr '\n' ' ')"; fi >>"$WORK/$part.results"
  ) 2>/dev/null &
}
gather() { wait; }

# Reads the results of a part; a row with the count, or the first failures.
judge() { # NAME UNIT
  local good bad words
  good=$(grep -c '^ok' "$WORK/$part.results" 2>/dev/null); bad=$(grep -c '^bad' "$WORK/$part.results" 2>/dev/null)
  words=$(grep -o 'killed' "$WORK/$part.results" 2>/dev/null | wc -l)
  if [ "${bad:-0}" -gt 0 ]; then
    fail "$1" "$bad of $((good + bad)) $2: $(grep '^bad' "$WORK/$part.results" | head -n 2 | cut -c1-300 | tr '\n' ';')"
  elif [ "${good:-0}" -eq 0 ]; then fail "$1" "no $2 were tried"
  else [ "$words" -gt 0 ] || words=
    pass "$1" "$good $2${words:+, $words of them killed}: 0 lost, 0 doubled, orders, fills and position as at the venue"; fi
  [ -n "${KEEP:-}" ] && cat "$WORK/$part.results" >>"$KEEP"
  rm -f "$WORK/$part.results"
}

# One in SHARE times $2, by a hash of the point's name.
chosen() {
  local share=$((SHARE * ${2:-1})) sum
  [ "$share" -le 1 ] && return 0
  sum=$(printf '%s-%s' "$SEED" "$1" | cksum | cut -d' ' -f1)
  [ $((sum % share)) -eq 0 ]
}
# A scenario that waits long writes the same again and again: of its points fewer are taken, of a sample only.
thin() { [ "$SHARE" -gt 1 ] && [ "$1" -gt 200 ] && echo $(($1 / 100)) || echo 1; }

# ---- kills -----------------------------------------------------------------------------------------------------------

# Where the program looks for its own leaks at the end, it cannot with a tracer on it.
traced() { ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" strace -qq "$@"; }

# What a sanitizer says of a life that is killed in the end would be seen by nobody.
clean() { ! grep -q 'Sanitizer:\|runtime error:' life.err; }

undisturbed() { traced $2 -o trace -e "trace=$(trace_calls)" "$LIFE" state "$url" "$WORK/key" "$1" "$url" >life.out 2>life.err; }

# "CALL FIRST LAST" a line: which of each call come between the first step of the scenario and the end.
points_of() {
  awk '{ sub(/^[0-9]+ +/, "") } { name = $0; sub(/\(.*/, "", name) } /^write\(-1, "mark"/ && !seen { for (n in count) from[n] = count[n]; seen = 1 }
    { count[name]++ } END { if (seen) for (n in count) print n, from[n] + 1, count[n] }' "$1/trace" | grep -E "^($(trace_calls | tr , '|')) "
}

killed_at() { # SCENARIO CALL N FLAGS
  traced $4 -o trace -e "trace=$2" -e "inject=$2:signal=KILL:when=$3" \
    timeout -k 5 110 "$LIFE" state "$url" "$WORK/key" "$1" "$url" >life.out 2>life.err
  local code=$?
  if [ $code -ge 128 ]; then echo "$1 $2 $3 killed" >told; else echo "$1 $2 $3 ended $code" >told; fi
  [ $code -ne 64 ] && clean && settles "$1"
}
# Without threads the tracer follows the engine's alone, by exec: `timeout` would be followed in its place.
killed_alone() {
  traced -o trace -e "trace=$2" -e "inject=$2:signal=KILL:when=$3" \
    "$LIFE" state "$url" "$WORK/key" "$1" "$url" >life.out 2>life.err
  local code=$?
  if [ $code -ge 128 ]; then echo "$1 $2 $3 killed" >told; else echo "$1 $2 $3 ended $code" >told; fi
  [ $code -ne 64 ] && clean && settles "$1"
}

# The undisturbed life of each scenario, kept with its trace.
trace_all() {
  local scenario
  for scenario in $*; do
    while [ "$(jobs -rp | wc -l)" -ge "$JOBS" ]; do wait -n; done
    ( trap - EXIT; with_venue "whole-$scenario" undisturbed "$scenario" "" && touch "$WORK/whole-$scenario/sound" ) 2>/dev/null &
  done
  wait
}

torture_kills() {
  local scenario call first last n any
  trace_all "$SCENARIOS"
  for scenario in $SCENARIOS; do
    part=kills-$scenario
    [ -e "whole-$scenario/sound" ] || continue
    points_of "$WORK/whole-$scenario" >"$part.points"
    any=0
    while read -r call first last; do
      for ((n = first; n <= last; n++)); do
        chosen "$part-$call-$n" "$(thin $((last - first)))" || continue
        any=1
        spawn "$part-$call-$n" killed_alone "$scenario" "$call" "$n"
      done
    done <"$part.points"
    [ $any -eq 0 ] && read -r call first last <"$part.points" && spawn "$part-$call-$first" killed_alone "$scenario" "$call" "$first"
  done
  gather
  for scenario in $SCENARIOS; do
    part=kills-$scenario
    if [ -e "whole-$scenario/sound" ]; then judge "killed at a write, flush or send: $scenario" points
    else fail "killed: $scenario" "undisturbed it ends with $(tail -n 2 "whole-$scenario/life.err" | tr '\n' ' ')"; fi
  done
}

# The threads of the transport: what they send and write, counted from their start.
torture_threads() {
  local scenario call n
  for scenario in entry_protected stop_moved exit_by_signal; do
    part=threads-$scenario
    for call in sendto write; do
      for ((n = 1; n <= 40; n++)); do
        chosen "$part-$call-$n" || continue
        spawn "$part-$call-$n" killed_at "$scenario" "$call" "$n" -f
      done
    done
    spawn "$part-last" killed_at "$scenario" sendto 6 -f
  done
  gather
  for scenario in entry_protected stop_moved exit_by_signal; do
    part=threads-$scenario
    judge "killed in a thread of the transport: $scenario" points
  done
}

# ---- cuts ------------------------------------------------------------------------------------------------------------

# SCENARIO START SIDE BYTES: the scenario through a proxy that cuts there; the program lives on, and knows in the end.
cut_at() {
  "$PROXY" "${url##*:}" "$2" "$3" "$4" >proxy.out &
  local proxy=$! i port=; echo "$proxy" >>pids
  for ((i = 0; i < 1000; i++)); do port=$(head -n 1 proxy.out); [ -n "$port" ] && break; sleep 0.02; done
  life "$1" "http://127.0.0.1:$port"
  local code=$?
  kill "$proxy" 2>/dev/null; wait "$proxy" 2>/dev/null
  tail -n +2 proxy.out | tail -n 1 >told
  mv life.err settle.err
  [ -s told ] || echo "nothing was cut: proxy at '$port', life ended $code" >told
  [ $code -eq 0 ] && ! grep -q '^nothing' told
}

# The name of a request in files and tables.
short() { case $1 in *orderList*) echo list ;; *) echo order ;; esac; }

torture_cuts() {
  local start side length k request answer
  for start in 'POST /api/v3/order ' 'POST /api/v3/orderList/oco '; do
    part=cuts-$(short "$start")
    if ! with_venue "$part" cut_at entry_protected "$start" answer 100000; then
      fail "cut: $start" "uncut it ends with $(tail -n 2 "$WORK/$part"/settle.err | tr '\n' ' ')"; continue
    fi
    read -r _ request answer <"$WORK/$part/told"
    for side in request answer; do
      part=cuts-$(short "$start")-$side
      if [ $side = request ]; then length=$request; else length=$answer; fi
      echo "$length" >"$part.length"
      for ((k = 0; k < length; k++)); do
        [ "$k" -eq 0 ] || [ "$k" -eq $((length - 1)) ] || chosen "$part-$k" || continue
        spawn "$part-$k" cut_at entry_protected "$start" $side "$k"
      done
    done
  done
  gather
  for start in order list; do
    for side in request answer; do
      part=cuts-$start-$side
      [ -r "$part.length" ] && judge "$side of the POST of the $start cut, of $(cat "$part.length") bytes" places
    done
  done
}

# ---- the disk --------------------------------------------------------------------------------------------------------

# After the journal's write or flush that fails, the engine's thread flushes it no more and sends nothing.
disk_fails_at() { # SCENARIO CALL ERROR WHEN
  traced -y -o trace -e "trace=$2,fdatasync,sendto" -e "inject=$2:error=$3:when=$4" \
    "$LIFE" state "$url" "$WORK/key" "$1" "$url" >life.out 2>life.err
  local code=$? after
  after=$(awk '/INJECTED/ && /\/journal\// { hit = 1; next } hit && (/^sendto/ || (/^fdatasync/ && /\/journal\//)) { n++ } END { print hit + 0, n + 0 }' trace)
  echo "$1 $2 $4: ended $code, journal hit and calls after it: $after" >told
  case $after in
  '0 0') ;; # another file's
  '1 0') [ $code -eq 3 ] || return 1 ;;
  *) case $after in 0*) ;; *) return 1 ;; esac ;;
  esac
  clean && settles "$1"
}

torture_disk() {
  local call first last n when error scenario
  [ -e whole-entry_protected/sound ] && [ -e whole-stop_moved/sound ] || trace_all "entry_protected stop_moved"
  for scenario in entry_protected stop_moved; do
    points_of "$WORK/whole-$scenario" >"disk-$scenario.points"
    for error in 'fdatasync EIO' 'pwrite64 ENOSPC'; do
      part=disk-$scenario-${error%% *}
      while read -r call first last; do
        [ "$call" = "${error%% *}" ] || continue
        for ((n = first; n <= last; n++)); do
          [ "$n" -eq "$first" ] || chosen "$part-$n" || continue
          when=$n; [ "$call" = pwrite64 ] && when=$n+
          spawn "$part-$n" disk_fails_at "$scenario" "$call" "${error##* }" "$when"
        done
      done <"disk-$scenario.points"
    done
  done
  gather
  for scenario in entry_protected stop_moved; do
    for error in 'fdatasync EIO' 'pwrite64 ENOSPC'; do
      part=disk-$scenario-${error%% *}
      judge "${error##* } of ${error%% *}: $scenario, nothing sent behind it" points
    done
  done
}

# ---- all -------------------------------------------------------------------------------------------------------------

if ! command -v strace >/dev/null || ! strace -qq -o /dev/null true 2>/dev/null; then
  skip "orders under torture" "strace does not run here"
else
  { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; echo; od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; echo; } >key
  part=base
  if with_venue first settles nothing && mv first/state base; then
    for part in $PARTS; do "torture_$part"; done
  else
    fail "a first start before the venue" "$(tail -n 3 first/settle.err | tr '\n' ' ')"
  fi
fi

if [ -n "$TABLE" ]; then
  { printf '| check | what was seen | result |\n|---|---|---|\n'; printf '%s\n' "${rows[@]}"; } >"$TABLE.part" && mv "$TABLE.part" "$TABLE"
fi
printf 'orders: %d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

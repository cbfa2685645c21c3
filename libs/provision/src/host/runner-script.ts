import { stepFunctions } from './runner-steps.ts';
import { keepSpare } from './spare.ts';

/**
 * The part of the journal that lives on the host: POSIX sh (dash, busybox ash, bash) and coreutils, nothing else; flock and
 * setsid are used where they are. It keeps one state folder (0700, root):
 *
 *     plan        hash, number of steps, purpose of the journal that owns the folder
 *     epoch       highest leader epoch that has spoken (SR-7)
 *     runner      pid, start time and boot id of the process that works through the steps
 *     steps/      what to do; deleted after success, since it holds the secrets
 *     journal/    per step: done (exit code), wrapper and command (process identities), log
 *     created     folders that file steps made, for the clean-up
 *     result      ok | failed <step> <code>
 *     cancelled   present once somebody asked for the end
 *     busy        locked by the runner for as long as it lives: who follows wakes at its end
 *     spare       room for the records of a full host
 *
 * A process is known by pid, start time and boot id, so neither a recycled pid nor a reboot is mistaken for it. A record is
 * new and written at once (an empty one counts as none) or written by rename. Each process started costs about a millisecond,
 * and forty hosts may share a machine: what the shell can do itself, it does. Lines for the caller begin with `k0sm1`; their
 * reader is `progress.ts`.
 */
export const runnerScript = `set -u
umask 077
verb=$1
state=$2
shift 2
boot=none
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id

say() { printf 'k0sm1 %s\\n' "$*"; }
refuse() { say "refused $*"; exit 75; }
write() { printf '%s\\n' "$2" >"$1"; }
note() { write "$@" 2>/dev/null || { rm -f "$state/spare"; write "$@"; }; }
put() { note "$1.tmp" "$2" && mv -f "$1.tmp" "$1"; }
nap() { sleep "\${1:-0.2}" 2>/dev/null || sleep 1; }
# Sets size; some wc pad their number.
measure() { size=$(wc -c <"$1") && size=\${size##* }; }
# Sets id, as printf %04d would.
name_step() { id=$1; [ "$1" -gt 9999 ] || { id=000$1; id=\${id#"\${id%????}"}; }; }

# Sets start and group of a living process; false when there is none.
look_at() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] || return 1
  group=$3
  shift 19
  start=$1
}
# Sets self and pid of this very process, which in a subshell $$ is not.
know_self() { read -r stat </proc/self/stat && pid=\${stat%% *} && look_at "$pid" && self="$pid $start $boot"; }
lives() {
  [ -f "$1" ] && read -r pid born booted <"$1" || return 1
  [ "$booted" = "$boot" ] && look_at "$pid" && [ "$start" = "$born" ]
}
any_step_lives() {
  for record in "$state"/journal/*.wrapper "$state"/journal/*.command; do
    if lives "$record"; then return 0; fi
  done
  return 1
}

# A runner that has said its result may still be at its last deletion, which must not meet what comes next.
until_gone() {
  tries=0
  while lives "$state/runner"; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || refuse "busy $live $purpose"
    nap 0.1
  done
}

any_group_lives() {
  [ -n "$groups" ] || return 1
  for process in /proc/[0-9]*; do
    look_at "\${process#/proc/}" || continue
    case "$groups " in *" $group "*) return 0 ;; esac
  done
  return 1
}

# flock ends with its process; where it is missing, a folder does, broken when its owner is gone or could not be written.
try_lock() {
  if command -v flock >/dev/null 2>&1; then flock -n 9; return; fi
  if mkdir "$state/lock.d" 2>/dev/null; then know_self && write "$state/lock.d/owner" "$self" 2>/dev/null; return 0; fi
  if [ -f "$state/lock.d/owner" ] && ! lives "$state/lock.d/owner"; then
    mv "$state/lock.d" "$state/lock.old.$$" 2>/dev/null && rm -rf "$state/lock.old.$$"
  fi
  return 1
}
lock() {
  exec 9>"$state/lock"
  tries=0
  until try_lock; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || refuse lock
    nap
  done
  trap unlock EXIT
}
unlock() {
  trap - EXIT
  if [ -f "$state/lock.d/owner" ] && read -r owner _ <"$state/lock.d/owner" && [ "$owner" = "$$" ]; then rm -rf "$state/lock.d"; fi
  exec 9>&-
}

# SR-7: the same lease counts transitions; another lease must have been acquired later.
fence() {
  if [ -f "$state/epoch" ] && read -r lease transitions acquired <"$state/epoch"; then
    if [ "$lease" = "$1" ]; then [ "$2" -ge "$transitions" ]; else [ "$3" -gt "$acquired" ]; fi ||
      refuse "epoch $lease $transitions $acquired"
    [ "$lease $transitions $acquired" != "$*" ] || return 0
  fi
  put "$state/epoch" "$*" || exit 74
}

read_plan() {
  live=; total=0; purpose=; phase=absent; done=0; result=
  [ -f "$state/plan" ] && read -r live total purpose <"$state/plan" || return 0
  for record in "$state"/journal/*.done; do
    if [ -f "$record" ] && read -r code <"$record" && [ "$code" = 0 ]; then done=$((done + 1)); fi
  done
  # The runner first: it writes its result before it goes.
  if lives "$state/runner"; then phase=running; else phase=interrupted; fi
  if [ -f "$state/result" ] && read -r result failed_step failed_code <"$state/result"; then
    case $result in
      ok) phase=done; [ ! -d "$state/steps" ] || rm -rf "$state/steps" ;;
      failed) phase=failed ;;
    esac
  fi
  if [ -f "$state/cancelled" ] && [ "$phase" != running ] && [ "$phase" != done ]; then phase=cancelled; fi
}
last_lines() {
  [ -f "$1" ] || return 0
  tail -n 40 "$1" | tail -c 8192 | tr -d '\\000' | lines last
}
lines() {
  while IFS= read -r line || [ -n "$line" ]; do printf 'k0sm1 %s %s\\n' "$1" "$line"; done
}
say_end() {
  case $phase in
    failed)
      name_step "$failed_step"
      last_lines "$state/journal/$id.log"
      say "end failed $failed_step $failed_code"
      ;;
    *) say "end $phase" ;;
  esac
}

${stepFunctions}
# Until the runner ends, or for so many seconds.
rest() {
  [ -n "$wakes" ] || { nap "$1"; return; }
  ! flock -s -w "$1" 8 || flock -u 8
}

case $verb in
  start)
    hash=$1
    lock
    fence "$2" "$3" "$4"
    incoming=$state/incoming-$hash
    read_plan
    wanted=
    [ ! -f "$incoming/complete" ] || read -r _ _ wanted <"$incoming/plan"
    if [ "$phase" = running ]; then
      [ "$live" = "$hash" ] || refuse "busy $live $purpose"
      say "state running $live $purpose $done $total"
      exit 0
    fi
    if [ "$phase" = done ] && { [ "$live" = "$hash" ] || [ "$purpose" = "$wanted" ]; }; then
      # What is done is never done again with other data.
      rm -rf "$incoming"
      say "state done $live $purpose $done $total"
      exit 0
    fi
    until_gone
    if [ "$live" != "$hash" ]; then
      ! any_step_lives || refuse "busy $live $purpose"
      [ -f "$incoming/complete" ] || refuse payload
      # The plan first: without it nothing else counts.
      rm -rf "$state/plan" "$state/steps" "$state/journal" "$state/result" "$state/env" "$state/cwd"
      mkdir "$state/journal" || exit 74
    elif [ ! -f "$incoming/complete" ]; then
      [ -d "$state/steps" ] || refuse payload
    fi
    if [ -f "$incoming/complete" ]; then
      [ ! -e "$state/steps" ] || rm -rf "$state/steps"
      # In this order, so that a plan is there only with all that it needs.
      mv -f "$incoming/steps" "$incoming/runner.sh" "$incoming/command.sh" "$incoming/plan" "$state/" || exit 1
    fi
    rm -rf "$state"/incoming-* "$state/result" "$state/cancelled" "$state/runner"
    for record in "$state"/journal/*.done; do
      if [ -f "$record" ] && read -r code <"$record" && [ "$code" != 0 ]; then
        rm -f "$record" "\${record%.done}.tries" "\${record%.done}.log"
      fi
    done
    read -r live total purpose <"$state/plan"
    # What a clean-up takes away makes room.
    [ "$purpose" = clean-up ] || { ${keepSpare('$state')}; } || exit 74
    detach=setsid
    command -v setsid >/dev/null 2>&1 || detach=
    cd /
    # Without setsid it must at least not die of the session's hang-up.
    (trap '' HUP && exec $detach sh "$state/runner.sh" run "$state") </dev/null >"$state/runner.log" 2>&1 9>&- &
    tries=0
    until [ -f "$state/runner" ] || [ -f "$state/result" ]; do
      tries=$((tries + 1))
      [ "$tries" -le 60 ] || { cat "$state/runner.log" >&2; exit 1; }
      if [ "$tries" -le 10 ]; then nap 0.05; else nap; fi
    done
    read_plan
    say "state $phase $live $purpose $done $total"
    ;;

  run)
    trap '' HUP
    exec 8>"$state/busy"
    if command -v flock >/dev/null 2>&1; then flock -n 8; fi
    user=$(id -u)
    know_self
    put "$state/runner" "$self"
    read -r live total purpose <"$state/plan"
    number=1
    while [ "$number" -le "$total" ]; do
      name_step "$number"
      if [ ! -s "$state/journal/$id.done" ]; then run_step; fi
      code=
      read -r code <"$state/journal/$id.done"
      if [ "$code" != 0 ]; then
        put "$state/result" "failed $number \${code:-74}"
        exit 0
      fi
      number=$((number + 1))
    done
    put "$state/result" ok
    rm -rf "$state/steps" "$state/env" "$state/cwd" "$state/runner"
    ;;

  status)
    read_plan
    say "state $phase $live $purpose $done $total"
    if [ "$phase" = failed ]; then say_end; fi
    ;;

  follow)
    lock
    fence "$1" "$2" "$3"
    unlock
    # Not every flock can wait.
    exec 8>"$state/busy"
    wakes=
    if command -v flock >/dev/null 2>&1 && flock -s -w 0.1 9 9<"$state/lock" 2>/dev/null; then wakes=yes; fi
    number=1
    announced=0
    offset=0
    polls=0
    quiet=0
    while :; do
      read -r lease transitions acquired <"$state/epoch" || exit 1
      if [ "$lease $transitions" != "$1 $2" ]; then say "refused epoch $lease $transitions $acquired"; exit 75; fi
      # Read before the steps, so that no step's end is missed after it.
      read_plan
      quiet=$((quiet + 1))
      while [ "$number" -le "$total" ]; do
        name_step "$number"
        log=$state/journal/$id.log
        if [ "$announced" != "$number" ] && { [ -f "$state/journal/$id.tries" ] || [ -f "$state/journal/$id.done" ]; }; then
          say "step $number running"
          announced=$number
          quiet=0
        fi
        if [ -s "$log" ]; then
          measure "$log"
          [ "$size" -ge "$offset" ] || offset=0
          [ $((size - offset)) -le 16384 ] || offset=$((size - 16384))
          if [ "$size" -gt "$offset" ]; then
            tail -c "+$((offset + 1))" "$log" | head -c "$((size - offset))" | tr -d '\\000' | lines out
            offset=$size
          fi
        fi
        [ -s "$state/journal/$id.done" ] && read -r code <"$state/journal/$id.done" || break
        if [ "$code" = 0 ]; then say "step $number done"; else say "step $number failed $code"; break; fi
        number=$((number + 1))
        offset=0
      done
      if [ "$phase" != running ]; then say_end; exit 0; fi
      # Fails once nobody listens any more, so that a lost session leaves no follower behind.
      polls=$((polls + 1))
      [ $((polls % 5)) != 0 ] || say alive || exit 0
      # A step that lasts is looked at less often; where flock can wait, its end wakes us.
      if [ -n "$wakes" ] && [ "$quiet" -gt 6 ]; then rest 3; elif [ -n "$wakes" ] && [ "$quiet" -gt 3 ]; then rest 1
      elif [ "$quiet" -gt 25 ]; then rest 1; elif [ "$quiet" -gt 5 ]; then rest 0.5; else rest 0.2; fi
    done
    ;;

  cancel)
    lock
    fence "$1" "$2" "$3"
    # First, so that who follows sees a cancelled job and not an interrupted one.
    : >"$state/cancelled"
    signal=TERM
    tries=0
    groups=
    while :; do
      for record in "$state/runner" "$state"/journal/*.wrapper "$state"/journal/*.command; do
        if lives "$record"; then groups="$groups $group"; fi
      done
      # What a command started may ignore the signal, and outlive all that has a record.
      any_group_lives || break
      if [ $((tries % 25)) = 0 ]; then
        # dash and bash want the dashes; busybox complains about them and signals all the same.
        for one in $groups; do kill -s "$signal" -- "-$one" 2>/dev/null; done
      fi
      tries=$((tries + 1))
      if [ "$tries" -ge 25 ]; then signal=KILL; fi
      [ "$tries" -le 100 ] || { say "end running"; exit 1; }
      nap
    done
    read_plan
    rm -rf "$state"/incoming-* "$state/steps" "$state/env" "$state/cwd" "$state/runner"
    rm -f "$state"/journal/*.wrapper "$state"/journal/*.command
    say "state $phase $live $purpose $done $total"
    ;;

  forget)
    lock
    fence "$1" "$2" "$3"
    read_plan
    if [ "$phase" = running ] || any_step_lives; then refuse "busy $live $purpose"; fi
    until_gone
    cd /
    rm -rf "$state"
    rmdir "$(dirname "$state")" 2>/dev/null
    say "state absent"
    ;;
esac
`;

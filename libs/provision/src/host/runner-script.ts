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
 *
 * A process is known by pid, start time and boot id, so neither a recycled pid nor a reboot is mistaken for it. Every record
 * is written by rename. Lines for the caller begin with `k0sm1`; their reader is `progress.ts`.
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
put() { printf '%s\\n' "$2" >"$1.tmp" && mv -f "$1.tmp" "$1"; }
nap() { sleep 0.2 2>/dev/null || sleep 1; }
size_of() { wc -c <"$1" | tr -d ' '; }

# Sets start and group of a living process; false when there is none.
look_at() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] || return 1
  group=$3
  shift 19
  start=$1
}
identity() { look_at "$$" && printf '%s %s %s' "$$" "$start" "$boot"; }
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

# flock ends with its process; where it is missing, a folder does, broken when its owner is gone.
try_lock() {
  if command -v flock >/dev/null 2>&1; then flock -n 9; return; fi
  if mkdir "$state/lock.d" 2>/dev/null; then identity >"$state/lock.d/owner"; return 0; fi
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
  fi
  put "$state/epoch" "$1 $2 $3"
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
      ok) phase=done; rm -rf "$state/steps" ;;
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
      last_lines "$state/journal/$(printf %04d "$failed_step").log"
      say "end failed $failed_step $failed_code"
      ;;
    *) say "end $phase" ;;
  esac
}

write_file() {
  target=$path
  if [ -L "$target" ]; then target=$(readlink -f "$target") || return 1; fi
  if [ -d "$target" ]; then echo "$path is a folder"; return 1; fi
  folder=$(dirname "$target")
  made=$folder
  while [ ! -d "$made" ]; do
    printf '%s\\n' "$made" >>"$state/created"
    made=$(dirname "$made")
  done
  (umask 022 && mkdir -p "$folder") || return 1
  part=$folder/.k0smotron.$id.part
  if fill_part && { [ -z "$owner" ] || chown "$owner" "$part"; } && { [ -z "$mode" ] || chmod "$mode" "$part"; } &&
    mv -f "$part" "$target"; then return 0; fi
  rm -f "$part"
  return 1
}
fill_part() {
  rm -f "$part"
  if [ "$append" = 0 ]; then
    : "\${mode:=0644}"
    cat "$state/steps/$id.data" >"$part"
    return
  fi
  # Interrupted between rename and record, this step runs again: the size before tells whether it was done.
  had=0
  if [ -f "$target" ]; then had=$(size_of "$target"); cp -p "$target" "$part" || return 1; else : "\${mode:=0644}"; : >"$part"; fi
  if [ -f "$state/journal/$id.before" ] && read -r before <"$state/journal/$id.before" &&
    [ "$had" = $((before + bytes)) ] &&
    [ "$(tail -c "$bytes" "$target" | sha256sum)" = "$(sha256sum <"$state/steps/$id.data")" ]; then return 0; fi
  put "$state/journal/$id.before" "$had" && cat "$state/steps/$id.data" >>"$part"
}

# A log over 4 MiB is cut to its last 256 KiB while the command writes on (in append mode).
trim() {
  [ -f "$1" ] && [ "$(size_of "$1")" -gt "$2" ] || return 0
  tail -c "$3" "$1" >"$1.tail" && cat "$1.tail" >"$1"
  rm -f "$1.tail"
}

run_step() {
  kind= path= mode= owner= append=0 bytes=0
  . "$state/steps/$id.step"
  log=$state/journal/$id.log
  while lives "$state/journal/$id.wrapper" || lives "$state/journal/$id.command"; do nap; done
  [ ! -f "$state/journal/$id.done" ] || return 0
  tries=0
  [ ! -f "$state/journal/$id.tries" ] || read -r tries <"$state/journal/$id.tries"
  tries=$((tries + 1))
  put "$state/journal/$id.tries" "$tries"
  if [ "$tries" -gt 5 ]; then
    echo "k0smotron: this step was interrupted 5 times (does it reboot the host?)" >>"$log"
    put "$state/journal/$id.done" 70
    return 0
  fi
  case $kind in
    command)
      sh "$state/runner.sh" wrap "$state" "$id"
      [ -f "$state/journal/$id.done" ] || put "$state/journal/$id.done" 137
      ;;
    file)
      (write_file) >>"$log" 2>&1
      put "$state/journal/$id.done" "$?"
      ;;
    check)
      code=0
      [ -e "$path" ] || { code=1; echo "$path is missing: the commands ended well but did not report success" >>"$log"; }
      put "$state/journal/$id.done" "$code"
      ;;
  esac
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
    if [ "$live" != "$hash" ]; then
      ! any_step_lives || refuse "busy $live $purpose"
      [ -f "$incoming/complete" ] || refuse payload
      rm -f "$state/plan"
      rm -rf "$state/steps" "$state/journal" "$state/result" "$state/env" "$state/cwd"
      mkdir "$state/journal"
    elif [ ! -f "$incoming/complete" ]; then
      [ -d "$state/steps" ] || refuse payload
    fi
    if [ -f "$incoming/complete" ]; then
      rm -rf "$state/steps"
      mv "$incoming/steps" "$state/steps" && mv -f "$incoming/runner.sh" "$state/runner.sh" &&
        mv -f "$incoming/command.sh" "$state/command.sh" && mv -f "$incoming/plan" "$state/plan" || exit 1
    fi
    rm -rf "$state"/incoming-* "$state/result" "$state/cancelled" "$state/runner"
    for record in "$state"/journal/*.done; do
      if [ -f "$record" ] && read -r code <"$record" && [ "$code" != 0 ]; then
        rm -f "$record" "\${record%.done}.tries" "\${record%.done}.log"
      fi
    done
    detach=setsid
    command -v setsid >/dev/null 2>&1 || detach=
    cd /
    # Without setsid it must at least not die of the session's hang-up.
    (trap '' HUP && exec $detach sh "$state/runner.sh" run "$state") </dev/null >"$state/runner.log" 2>&1 9>&- &
    tries=0
    until [ -f "$state/runner" ] || [ -f "$state/result" ]; do
      tries=$((tries + 1))
      [ "$tries" -le 50 ] || { cat "$state/runner.log" >&2; exit 1; }
      nap
    done
    read_plan
    say "state $phase $live $purpose $done $total"
    ;;

  run)
    trap '' HUP
    put "$state/runner" "$(identity)"
    read -r live total purpose <"$state/plan"
    number=1
    while [ "$number" -le "$total" ]; do
      id=$(printf %04d "$number")
      if [ ! -f "$state/journal/$id.done" ]; then run_step; fi
      read -r code <"$state/journal/$id.done"
      if [ "$code" != 0 ]; then
        put "$state/result" "failed $number $code"
        exit 0
      fi
      number=$((number + 1))
    done
    put "$state/result" ok
    rm -rf "$state/steps" "$state/env" "$state/cwd" "$state/runner"
    ;;

  wrap)
    id=$1
    log=$state/journal/$id.log
    trap '' HUP
    put "$state/journal/$id.wrapper" "$(identity)"
    # Ends with this process, however that ends, and never spins when sleep is gone.
    (while sleep 1 && kill -0 $$ && [ -f "$log" ]; do trim "$log" 4194304 262144; done) </dev/null >/dev/null 2>&1 &
    trimmer=$!
    sh "$state/command.sh" "$state" "$id" "$boot" </dev/null >>"$log" 2>&1
    code=$?
    kill "$trimmer" 2>/dev/null
    wait "$trimmer" 2>/dev/null
    trim "$log" 65536 65536
    put "$state/journal/$id.done" "$code"
    rm -f "$state/journal/$id.wrapper" "$state/journal/$id.command"
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
        id=$number
        [ "$number" -gt 9999 ] || { id=000$number; id=\${id#"\${id%????}"}; } # as printf %04d, without starting a process
        log=$state/journal/$id.log
        if [ "$announced" != "$number" ] && { [ -f "$state/journal/$id.tries" ] || [ -f "$state/journal/$id.done" ]; }; then
          say "step $number running"
          announced=$number
          quiet=0
        fi
        if [ -s "$log" ]; then
          size=$(size_of "$log")
          [ "$size" -ge "$offset" ] || offset=0
          [ $((size - offset)) -le 16384 ] || offset=$((size - 16384))
          if [ "$size" -gt "$offset" ]; then
            tail -c "+$((offset + 1))" "$log" | head -c "$((size - offset))" | tr -d '\\000' | lines out
            offset=$size
          fi
        fi
        [ -f "$state/journal/$id.done" ] && read -r code <"$state/journal/$id.done" || break
        if [ "$code" = 0 ]; then say "step $number done"; else say "step $number failed $code"; break; fi
        number=$((number + 1))
        offset=0
      done
      if [ "$phase" != running ]; then say_end; exit 0; fi
      # Fails once nobody listens any more, so that a lost session leaves no follower behind.
      polls=$((polls + 1))
      [ $((polls % 5)) != 0 ] || say alive || exit 0
      # Each look starts processes, and forty hosts may share a machine: a step that lasts is looked at less often.
      if [ "$quiet" -le 5 ]; then nap; elif [ "$quiet" -le 25 ]; then sleep 0.5 2>/dev/null || nap; else sleep 1; fi
    done
    ;;

  cancel)
    lock
    fence "$1" "$2" "$3"
    # First, so that who follows sees a cancelled job and not an interrupted one.
    : >"$state/cancelled"
    signal=TERM
    tries=0
    while :; do
      alive=
      for record in "$state/runner" "$state"/journal/*.wrapper "$state"/journal/*.command; do
        if lives "$record"; then
          alive=yes
          # dash and bash want the dashes; busybox complains about them and signals all the same.
          if [ $((tries % 25)) = 0 ]; then kill -s "$signal" -- "-$group" 2>/dev/null; fi
        fi
      done
      [ -n "$alive" ] || break
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
    cd /
    rm -rf "$state"
    rmdir "$(dirname "$state")" 2>/dev/null
    say "state absent"
    ;;
esac
`;

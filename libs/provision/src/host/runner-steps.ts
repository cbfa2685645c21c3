/**
 * How the runner does one step: shell functions of {@link runnerScript}. A step looks before it acts, so that one which was
 * interrupted between effect and record may be done again.
 */
export const stepFunctions = `write_file() {
  target=$path
  if [ -L "$target" ]; then target=$(readlink -f "$target") || return 1; fi
  if [ -d "$target" ]; then echo "$path is a folder"; return 1; fi
  folder=\${target%/*}
  made=$folder
  while [ -n "$made" ] && [ ! -d "$made" ]; do
    printf '%s\\n' "$made" >>"$state/created"
    made=\${made%/*}
  done
  [ -d "$folder/" ] || (umask 022 && mkdir -p "$folder") || return 1
  part=$folder/.k0smotron.$id.part
  if fill_part && { [ -z "$owner" ] || chown "$owner" "$part"; } && { [ -z "$mode" ] || chmod "$mode" "$part"; } &&
    mv -f "$part" "$target"; then return 0; fi
  rm -f "$part"
  return 1
}
fill_part() {
  [ ! -e "$part" ] || rm -f "$part"
  if [ "$append" = 0 ]; then
    : "\${mode:=0644}"
    cat "$state/steps/$id.data" >"$part"
    return
  fi
  # Interrupted between rename and record, this step runs again: the size before tells whether it was done.
  had=0
  if [ -f "$target" ]; then measure "$target"; had=$size; cp -p "$target" "$part" || return 1; else : "\${mode:=0644}"; : >"$part"; fi
  if [ -f "$state/journal/$id.before" ] && read -r before <"$state/journal/$id.before" &&
    [ "$had" = $((before + bytes)) ] &&
    [ "$(tail -c "$bytes" "$target" | sha256sum)" = "$(sha256sum <"$state/steps/$id.data")" ]; then return 0; fi
  put "$state/journal/$id.before" "$had" && cat "$state/steps/$id.data" >>"$part"
}

# A log over 4 MiB is cut to its last 256 KiB while the command writes on (in append mode).
trim() {
  [ -s "$1" ] && measure "$1" && [ "$size" -gt "$2" ] || return 0
  tail -c "$3" "$1" >"$1.tail" && cat "$1.tail" >"$1"
  rm -f "$1.tail"
}

# In a subshell, which outlives the runner and then says how the command ended.
run_command() {
  know_self
  note "$state/journal/$id.wrapper" "$self"
  # Ends with this process, however that ends, and never spins when sleep is gone.
  (while sleep 1 && kill -0 "$pid" && [ -f "$log" ]; do trim "$log" 4194304 262144; done) </dev/null >/dev/null 2>&1 &
  trimmer=$!
  sh "$state/command.sh" "$state" "$id" "$boot" "$user" </dev/null >>"$log" 2>&1
  code=$?
  kill "$trimmer" 2>/dev/null
  wait "$trimmer" 2>/dev/null
  trim "$log" 65536 65536
  note "$state/journal/$id.done" "$code"
  rm -f "$state/journal/$id.wrapper" "$state/journal/$id.command"
}

run_step() {
  kind= path= mode= owner= append=0 bytes=0
  . "$state/steps/$id.step"
  log=$state/journal/$id.log
  while lives "$state/journal/$id.wrapper" || lives "$state/journal/$id.command"; do nap; done
  [ ! -s "$state/journal/$id.done" ] || return 0
  tries=0
  [ ! -s "$state/journal/$id.tries" ] || read -r tries <"$state/journal/$id.tries"
  tries=$((tries + 1))
  note "$state/journal/$id.tries" "$tries"
  if [ "$tries" -gt 5 ]; then
    echo "k0smotron: this step was interrupted 5 times (does it reboot the host?)" >>"$log"
    note "$state/journal/$id.done" 70
    return 0
  fi
  case $kind in
    command)
      # What it starts must not keep the lock that tells of our end.
      (run_command) 8>&-
      [ -s "$state/journal/$id.done" ] || note "$state/journal/$id.done" 137
      ;;
    file)
      (write_file) >>"$log" 2>&1
      note "$state/journal/$id.done" "$?"
      ;;
    check)
      code=0
      [ -e "$path" ] || { code=1; echo "$path is missing: the commands ended well but did not report success" >>"$log"; }
      note "$state/journal/$id.done" "$code"
      ;;
  esac
}
`;

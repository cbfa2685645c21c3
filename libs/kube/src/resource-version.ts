/**
 * True when `seen` is `wanted` or later. Versions of one API server are decimal numbers that grow; anything else is compared
 * for equality only.
 */
export function reaches(seen: string | undefined, wanted: string): boolean {
  if (seen === undefined) return false;
  if (seen === wanted) return true;
  const number = /^\d+$/;
  return number.test(seen) && number.test(wanted) && BigInt(seen) >= BigInt(wanted);
}

import { createHash } from 'node:crypto';

/**
 * The id of a fact: 128 bits of a hash over the object's uid, its kind and the transition (SR-8), in hexadecimal. Nothing
 * that differs between two tellings of the same transition (time, process, attempt) may enter it.
 */
export function factId(uid: string, kind: string, transition: string): string {
  return createHash('sha256')
    .update(JSON.stringify([uid, kind, transition]))
    .digest('hex')
    .slice(0, 32);
}

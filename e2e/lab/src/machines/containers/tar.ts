import { dirname } from 'node:path';

import type { OwnFile } from '../own-files.ts';

const block = 512;

/** A tar (ustar) of files with their owners and, before the first in each, folders named `.ssh`; others exist already. */
export function tarOf(files: readonly OwnFile[]): Buffer {
  const entries = files.flatMap(({ path, text, mode, owner }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((block - (content.length % block)) % block);
    const file = [header({ path, mode, owner, size: content.length, type: '0' }), content, padding];
    const folder = dirname(path);
    if (!folder.endsWith('/.ssh')) return file;
    return [header({ path: `${folder}/`, mode: 0o700, owner, size: 0, type: '5' }), ...file];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * block)]);
}

interface Header {
  readonly path: string;
  readonly mode: number;
  readonly owner: number;
  readonly size: number;
  /** `0` is a file, `5` a folder. */
  readonly type: '0' | '5';
}

/** Numbers are octal digits, one less than their field is wide (POSIX.1-2001, pax, ustar interchange format). */
function header({ path, mode, owner, size, type }: Header): Buffer {
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');
  const bytes = Buffer.alloc(block);
  bytes.write(path.slice(1), 0, 100);
  bytes.write(octal(mode, 8), 100);
  bytes.write(octal(owner, 8), 108);
  bytes.write(octal(owner, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.write('        ', 148); // the sum is taken with blanks in its place
  bytes.write(type, 156);
  bytes.write('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 7)}\0 `, 148);
  return bytes;
}

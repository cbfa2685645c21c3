import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

/** One file of an archive. */
interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly offset: number;
}

const endRecord = 0x06054b50;
const centralRecord = 0x02014b50;
const localRecord = 0x04034b50;

/**
 * Unpacks the files of a zip archive below `folder`; `rename` gives each file its path there, or undefined to leave it
 * out. Node has inflate but no zip, and a fresh host may have neither unzip nor python3. It reads what Go's module zips
 * are: no zip64, no encryption, stored or deflated; modes are not kept there, so they are not looked at.
 */
export function unzip(archive: Buffer, folder: string, rename: (name: string) => string | undefined): void {
  const made = new Set<string>();
  for (const entry of entriesOf(archive)) {
    if (entry.name.endsWith('/')) continue;
    const path = rename(entry.name);
    if (path === undefined) continue;
    // The leading slash makes `..` end at the folder itself.
    const target = join(folder, normalize(`/${path}`));
    if (!made.has(dirname(target))) mkdirSync(dirname(target), { recursive: true });
    made.add(dirname(target));
    writeFileSync(target, contentOf(archive, entry));
  }
}

function* entriesOf(archive: Buffer): Generator<Entry> {
  const end = endOfCentralDirectory(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (archive.readUInt32LE(at) !== centralRecord) throw new Error('the zip archive has a broken directory');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    yield {
      name: archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0)),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      compressedSize: archive.readUInt32LE(at + 20),
      offset: archive.readUInt32LE(at + 42),
    };
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
}

/** Searched from the end, since a comment of any length may follow it. */
function endOfCentralDirectory(archive: Buffer): number {
  for (let at = archive.length - 22; at >= 0; at -= 1) {
    if (archive.readUInt32LE(at) === endRecord) return at;
  }
  throw new Error('this is no zip archive');
}

function contentOf(archive: Buffer, { name, method, crc, compressedSize, offset }: Entry): Buffer {
  if (archive.readUInt32LE(offset) !== localRecord) throw new Error(`${name}: not where the directory says`);
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const raw = archive.subarray(start, start + compressedSize);
  if (method !== 0 && method !== 8) throw new Error(`${name}: compressed by method ${method}`);
  const content = method === 8 ? inflateRawSync(raw) : raw;
  if (crc32(content) !== crc) throw new Error(`${name}: wrong checksum`);
  return content;
}

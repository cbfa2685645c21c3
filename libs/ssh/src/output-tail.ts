import { StringDecoder } from 'node:string_decoder';

/** Keeps the last bytes of a stream, so that the length of an output never becomes memory. */
export class OutputTail {
  private readonly maxBytes: number;
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    // Joined rarely, so that many small chunks cost little.
    if (this.sizeBytes > 2 * this.maxBytes + 65_536) this.compact();
  }

  /** UTF-8 text of what was kept; a character cut at the start is left out. */
  text(): string {
    const cut = this.sizeBytes > this.maxBytes;
    this.compact();
    const kept = Buffer.concat(this.chunks);
    let start = 0;
    while (cut && start < 3 && ((kept[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return kept.toString('utf8', start);
  }

  private compact(): void {
    if (this.sizeBytes <= this.maxBytes) return;
    // Copied, since a view would keep the whole old buffer alive.
    const kept = Buffer.from(Buffer.concat(this.chunks).subarray(this.sizeBytes - this.maxBytes));
    this.chunks = [kept];
    this.sizeBytes = kept.length;
  }
}

/** Longest line given to a listener; longer ones come in pieces. */
const maxLineChars = 65_536;

/** Cuts a byte stream into lines of text without keeping more than one of them. */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (rest.length > maxLineChars) {
      onLine(rest.slice(0, maxLineChars));
      rest = rest.slice(maxLineChars);
    }
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}

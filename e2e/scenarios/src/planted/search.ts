/** A secret that was found where it must not be. */
export interface Found {
  readonly secret: string;
  /** What stands there, shortened: enough to find the place, not enough to use it. */
  readonly seen: string;
}

/** That many characters of a key in a row are a leak (a private key has some hundreds). */
const fragment = 24;
/** Longer secrets are looked for in parts. */
const longest = 64;

/**
 * Looks for secrets in texts: short ones as they are, long ones and the bodies of keys by any 24 characters in a row; both
 * also in base64, wherever in the encoded text they begin. The first name of a secret counts.
 */
export class SecretSearch {
  /** What gives a secret away, and its name. */
  readonly #words = new Map<string, string>();
  readonly #fragments = new Map<string, string>();

  /** @throws Error for a secret that is too short to be told from other text. */
  add(name: string, secret: string): void {
    if (secret.length < 12) throw new Error(`${name} is too short to be searched for`);
    const body = /-----BEGIN [^-]+-----([\s\S]+?)-----END/.exec(secret)?.[1]?.replaceAll(/\s/g, '');
    for (const text of [body ?? secret, ...inBase64(secret)]) {
      for (const form of new Set([text, text.replaceAll('+', '-').replaceAll('/', '_')])) this.#addForm(name, form);
    }
  }

  #addForm(name: string, text: string): void {
    const add = (to: Map<string, string>, word: string): void => void (to.has(word) || to.set(word, name));
    if (text.length <= longest) add(this.#words, text);
    for (let at = 0; text.length > longest && at + fragment <= text.length; at += 1)
      add(this.#fragments, text.slice(at, at + fragment));
  }

  /** Every secret that a text gives away, once. */
  find(text: string): Found[] {
    const found = new Map<string, string>();
    for (const [word, secret] of this.#words) if (text.includes(word)) found.set(secret, word);
    for (const [run] of text.matchAll(/[\w+/=-]{24,}/g)) {
      for (let at = 0; at + fragment <= run.length; at += 1) {
        const part = run.slice(at, at + fragment);
        const secret = this.#fragments.get(part);
        if (secret) found.set(secret, part);
      }
    }
    return [...found].map(([secret, word]) => ({ secret, seen: `${word.slice(0, 6)}…` }));
  }
}

/** A text in base64 as it shows when nothing, one or two bytes stand before it; without what its neighbours change. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

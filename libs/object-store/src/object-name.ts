const part = /^[A-Za-z0-9_:-][A-Za-z0-9._:-]*$/;

/** Refuses names that would mean something else in a file system or in a URL. @throws RangeError */
export function assertObjectName(name: string): void {
  if (name.length > 900 || !name.split('/').every((one) => part.test(one))) {
    throw new RangeError(`"${name}" is no name for an object`);
  }
}

/** A prefix is the beginning of a name, or empty. @throws RangeError */
export function assertPrefix(prefix: string): void {
  if (prefix !== '') assertObjectName(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}

/** A name as a label value: names over 63 characters become Cluster API's own hash form (OR-4). */
export function labelValue(name: string): string {
  if (name.length <= 63) return name;
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(hash);
  return `hash_${bytes.toString('base64url')}_z`;
}

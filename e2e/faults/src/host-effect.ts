/** Message numbers of RFC 4254, and the first bytes of the packet around a message (RFC 4253): how long its padding is. */
const message = { data: 94, close: 97, request: 98 };
const headBytes = 1;

/** Channels of one SSH connection on which commands run, by the host's numbers. */
export type CommandChannels = Set<number>;

/**
 * What an SSH packet from us, before encryption, does to its host: `command` starts one, `input` gives it something to
 * read. Everything else changes nothing there: logins, windows, and what goes through a forwarded port, which
 * `effect-of.ts` sees by itself when it matters.
 */
export function hostEffect(packet: Uint8Array, channels: CommandChannels): 'command' | 'input' | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  if (bytes.length < headBytes + 5) return undefined;
  const [kind, channel] = [bytes[headBytes], bytes.readUInt32BE(headBytes + 1)];
  if (kind === message.close) channels.delete(channel);
  if (kind === message.data) return channels.has(channel) ? 'input' : undefined;
  if (kind !== message.request || textAt(bytes, headBytes + 5) !== 'exec') return undefined;
  channels.add(channel);
  return 'command';
}

/** A string in SSH's form: four bytes that say how long it is, then itself. */
function textAt(bytes: Buffer, at: number): string | undefined {
  return bytes.length < at + 4 ? undefined : bytes.toString('latin1', at + 4, at + 4 + bytes.readUInt32BE(at));
}

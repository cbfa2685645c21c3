import type { HostSession } from '@k0smotron/ssh';
import { etcdPeerPort } from '../names.ts';

/** One end of a join. */
export interface JoinEnd {
  readonly name: string;
  readonly address: string;
  readonly session: HostSession;
}

const limitMs = 3000;

/**
 * Looks whether a new member could talk to the old ones and they to it, before the token is released: k0s 1.34 joins as a
 * voter at once, and a blocked port would cost quorum for ever (SR-5). Says from where to where what is blocked, always in
 * the same order and words; undefined when all ways are open.
 */
export async function checkJoinPorts(
  sponsor: JoinEnd,
  joiner: JoinEnd,
  k0sApiPort: number,
): Promise<string | undefined> {
  const ways = await Promise.all([
    blocked(joiner, sponsor, k0sApiPort, 'listens'),
    blocked(joiner, sponsor, etcdPeerPort, 'listens'),
    blocked(sponsor, joiner, etcdPeerPort, 'later'),
    blocked(sponsor, joiner, k0sApiPort, 'later'),
  ]);
  const shut = ways.filter((way) => way !== undefined);
  return shut.length > 0 ? `${shut.join('; ')}. Open these ports both ways between controllers` : undefined;
}

/** `later`: nothing listens there yet, so a refusal by the host itself proves that the way is open. */
async function blocked(
  from: JoinEnd,
  to: JoinEnd,
  port: number,
  when: 'listens' | 'later',
): Promise<string | undefined> {
  const answer = await tryPort(from.session, to.address, port);
  if (answer === 'open' || (when === 'later' && answer === 'refused')) return undefined;
  const what = answer === 'refused' ? 'nothing listens there' : 'no answer';
  return `${from.name} does not reach ${to.name} on TCP ${port} (${to.address}, ${what})`;
}

/** @throws Error when the session itself is of no use any more. */
async function tryPort(session: HostSession, host: string, port: number): Promise<'open' | 'refused' | 'silent'> {
  const limit = Promise.withResolvers<'silent'>();
  const timer = setTimeout(() => limit.resolve('silent'), limitMs);
  const forwarding = session.forward(host, port);
  try {
    const stream = await Promise.race([forwarding, limit.promise]);
    if (stream === 'silent') {
      forwarding.then((late) => late.destroy()).catch(() => undefined);
      return 'silent';
    }
    stream.destroy();
    return 'open';
  } catch (cause) {
    const inner = cause instanceof Error ? cause.cause : undefined;
    if (!(inner instanceof Error && 'reason' in inner)) throw cause;
    // "No route" and "unreachable" are a firewall that rejects politely: as shut as one that drops.
    return /refused/i.test(inner.message) ? 'refused' : 'silent';
  } finally {
    clearTimeout(timer);
  }
}

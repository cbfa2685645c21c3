import { messageOf } from '@k0smotron/core';
import type { HostSession } from '@k0smotron/ssh';
import { etcdPeerPort, k0sApiPort } from '../names.ts';

/** One end of a join. */
export interface JoinEnd {
  readonly name: string;
  readonly address: string;
  readonly session: HostSession;
}

const limitMs = 4000;

/**
 * Makes sure that a new member could talk to the old ones and they to it, before the token is released: k0s 1.34 joins as
 * a voter at once, and a blocked port would cost quorum for ever (SR-5).
 *
 * @throws Error naming from where to where what is blocked.
 */
export async function checkJoinPorts(sponsor: JoinEnd, joiner: JoinEnd): Promise<void> {
  await Promise.all([
    reaches(joiner, sponsor, k0sApiPort, 'listens'),
    reaches(joiner, sponsor, etcdPeerPort, 'listens'),
    reaches(sponsor, joiner, etcdPeerPort, 'later'),
    reaches(sponsor, joiner, k0sApiPort, 'later'),
  ]);
}

/** `later`: nothing listens there yet, so a refusal by the host itself proves that the way is open. */
async function reaches(from: JoinEnd, to: JoinEnd, port: number, when: 'listens' | 'later'): Promise<void> {
  try {
    const stream = await Promise.race([from.session.forward(to.address, port), timeout()]);
    stream.destroy();
  } catch (cause) {
    const what = messageOf(cause);
    if (when === 'later' && /refused/i.test(what)) return;
    throw new Error(`${from.name} does not reach ${to.name} at ${to.address}:${port} (${what}): open TCP ${port} both ways`, { cause });
  }
}

const timeout = (): Promise<never> =>
  new Promise((_resolve, reject) => setTimeout(() => reject(new Error(`no answer in ${limitMs} ms`)), limitMs).unref());

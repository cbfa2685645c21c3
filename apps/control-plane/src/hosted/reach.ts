import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { serverOf, type HostedEndpoint } from './endpoint.ts';

/** Why a worker would not get through, in words for a condition. */
export interface ReachProblem {
  readonly reason: string;
  readonly message: string;
}

/** What is in the way of workers to the API and to konnectivity, if anything is. */
export interface Ways {
  readonly api?: ReachProblem;
  readonly konnectivity?: ReachProblem;
}

/** Goes the way of a worker: TCP and TLS to an endpoint, trusting the plane's authority only. Undefined when that works. */
export type Reach = (endpoint: HostedEndpoint, caPem: string, signal: AbortSignal) => Promise<ReachProblem | undefined>;

const limitMs = 3000;

/** Dials for real, for 3 s at most. Never throws for what the other side does. */
export const reach: Reach = async (endpoint, caPem, signal) => {
  const { host, port } = endpoint;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  // An address is no name that a server could be asked for by; konnectivity speaks h2 only, the API both.
  const name = isIP(host) ? {} : { servername: host };
  const socket = connect({ host, port, ca: caPem, ALPNProtocols: ['h2', 'http/1.1'], ...name });
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal: limit });
    return undefined;
  } catch (cause) {
    signal.throwIfAborted();
    return reachProblem(endpoint, cause);
  } finally {
    socket.destroy();
  }
};

const problems: readonly { readonly codes: RegExp; readonly reason: string; readonly what: string }[] = [
  { codes: /^(ENOTFOUND|EAI_\w+)$/, reason: 'NameUnknown', what: 'DNS does not know the name' },
  {
    codes: /^ECONNREFUSED$/,
    reason: 'ConnectionRefused',
    what: 'nobody listens there: check the Service and what stands before it',
  },
  {
    codes: /^(ABORT_ERR|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    reason: 'NoRoute',
    what: 'no answer: check firewalls, routes and the load balancer',
  },
  {
    codes: /^(ERR_TLS_CERT\w*|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+)$/,
    reason: 'ForeignCertificate',
    what: 'the certificate there is not of this control plane, or not for this name: TLS must not be ended on the way',
  },
];

/** What an error of a dial means for a worker. The words stay the same while the error does. */
export function reachProblem(endpoint: HostedEndpoint, cause: unknown): ReachProblem {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const { reason, what } = problems.find(({ codes }) => codes.test(code)) ?? {
    reason: 'NoTLS',
    what: 'something answers, but not with TLS',
  };
  return { reason, message: `${serverOf(endpoint)}: ${what}` };
}

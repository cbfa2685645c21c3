import { ConnectError } from './errors.ts';
import type { HostSession } from './host-session.ts';

const probe =
  'if [ "$(id -u)" = 0 ]; then echo root; elif sudo -n -- sh -c true >/dev/null 2>&1; then echo sudo; else echo none; fi';

/**
 * How commands become root on this host: the user is root, has passwordless sudo, or neither.
 *
 * @throws ConnectError when the host gave no answer.
 */
export async function probeSudo(session: HostSession, signal?: AbortSignal): Promise<'root' | 'sudo' | 'none'> {
  const { code, stdout, stderr } = await session.run(probe, { timeoutMs: 15_000, maxOutputBytes: 4_096 }, signal);
  const answer = stdout.trim().split('\n').at(-1);
  if (code === 0 && (answer === 'root' || answer === 'sudo' || answer === 'none')) return answer;
  throw new ConnectError(`the probe for sudo got no answer (exit ${code ?? 'unknown'}): ${stderr.trim().slice(-200)}`);
}

import type { Machine } from '@k0smotron/lab';

/** k0s asks an etcd that has just been stopped again and again, without end. */
const limitSeconds = 5;

/** Names of etcd's members, as a controller's own etcd tells them; empty when it tells nothing. */
export async function membersOn(host: Machine | undefined): Promise<string[]> {
  const command = `timeout ${limitSeconds} /usr/local/bin/k0s etcd member-list 2>/dev/null`;
  const { stdout } = (await host?.exec(command)) ?? { stdout: '' };
  const line = stdout.split('\n').find((text) => text.includes('"members"')) ?? '{}';
  return Object.keys((JSON.parse(line) as { members?: Record<string, string> }).members ?? {}).sort();
}

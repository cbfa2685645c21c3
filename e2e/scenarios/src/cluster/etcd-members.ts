import type { Machine } from '@k0smotron/lab';

/** Names of etcd's members, as a controller's own etcd tells them; empty when it tells nothing. */
export async function membersOn(host: Machine | undefined): Promise<string[]> {
  const { stdout } = (await host?.exec('/usr/local/bin/k0s etcd member-list 2>/dev/null')) ?? { stdout: '' };
  const line = stdout.split('\n').find((text) => text.includes('"members"')) ?? '{}';
  return Object.keys((JSON.parse(line) as { members?: Record<string, string> }).members ?? {}).sort();
}

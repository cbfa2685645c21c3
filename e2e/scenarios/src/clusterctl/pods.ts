import type { ControlPlane } from '@k0smotron/lab';

/** What matters here of a Pod. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state?: { readonly waiting?: { readonly reason: string; readonly message?: string } };
    }[];
  };
}

/** All pods of a cluster. */
export async function podsOf(controlPlane: ControlPlane): Promise<readonly Pod[]> {
  const text = await controlPlane.kubectl('get', 'pods', '--all-namespaces', '-o', 'json');
  return (JSON.parse(text) as { items: readonly Pod[] }).items;
}

/** Pods that are not Ready, with what they wait for. */
export function notReady(pods: readonly Pod[]): string[] {
  return pods
    .filter(({ status }) => !status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .map(({ metadata, status }) => {
      const waiting = status.containerStatuses?.flatMap(({ state }) => state?.waiting?.reason ?? []) ?? [];
      return `${metadata.namespace}/${metadata.name} ${waiting.join()}`;
    });
}

import { describe, expect, it } from '@jest/globals';
import { ClusterConfig } from '@k0smotron/api';
import { fakeKube } from '@k0smotron/kube/testing';
import { sharedConfigKey } from './look.ts';
import { watchEndpoint } from './watch-endpoint.ts';

describe('a watch at the endpoint', () => {
  const begin = async () => {
    const workload = fakeKube({
      objects: [{ apiVersion: 'k0s.k0sproject.io/v1beta1', kind: 'ClusterConfig', metadata: sharedConfigKey }],
    });
    const { namespace, name } = sharedConfigKey;
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const { resourceVersion } = await workload.listing(ClusterConfig, selection);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    let told = false;
    void over.then(() => (told = true));
    const watch = watchEndpoint(
      { workload, kind: ClusterConfig, selection: { ...selection, resourceVersion } },
      resolve,
    );
    return { workload, watch, over, wasTold: () => told };
  };
  const change = (text: string) => ({ type: 'merge', body: { metadata: { annotations: { text } } } }) as const;

  it('holds until somebody changes the object', async () => {
    const { workload, watch, over } = await begin();
    expect(watch.holds).toBe(true);
    await workload.patch(ClusterConfig, sharedConfigKey, change('by hand'));
    await over;
    expect(watch.holds).toBe(false);
  });

  it('hears of a change between the reading and the watch', async () => {
    const { workload } = await begin();
    const selection = { namespace: 'kube-system', fieldSelector: 'metadata.name=k0s' };
    const { resourceVersion } = await workload.listing(ClusterConfig, selection);
    await workload.patch(ClusterConfig, sharedConfigKey, change('meanwhile'));
    await new Promise<void>((over) =>
      watchEndpoint({ workload, kind: ClusterConfig, selection: { ...selection, resourceVersion } }, over),
    );
  });

  it('tells that the endpoint does not answer', async () => {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const workload = {
      async *watch() {
        await Promise.resolve();
        throw new Error('refused');
      },
    };
    watchEndpoint({ workload: workload as never, kind: ClusterConfig, selection: { resourceVersion: '1' } }, resolve);
    await over;
  });

  it('ends without a word when it is closed', async () => {
    const { workload, watch, wasTold } = await begin();
    watch.close();
    expect(watch.holds).toBe(false);
    await workload.patch(ClusterConfig, sharedConfigKey, change('later'));
    expect(wasTold()).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aPlane, aWorld } from '../testing/index.ts';
import { controlPlaneObjects } from './control-plane-objects.ts';
import { etcdObjects } from './etcd-objects.ts';
import { selectorLabels } from './labels.ts';
import { namesOf } from './names.ts';
import type { HostedPlane } from './plane.ts';
import { serviceObjects } from './service-objects.ts';
import { shorten } from './shorten.ts';

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const everything = (plane: HostedPlane) => {
  const world = aWorld({ etcd: { ordinals: [0, 1, 2], phase: 'beginning', replicas: 3 }, replicas: 3 });
  return [...serviceObjects(plane), ...etcdObjects(plane, world), ...controlPlaneObjects(plane, world)];
};

/** Names that the API server takes for a Cluster. */
const clusterName = fc.stringMatching(
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?){0,2}$/,
);

describe('names', () => {
  it("are the original's", () => {
    const { spec } = aPlane();
    expect(namesOf(aPlane())).toMatchObject({
      controlPlane: 'kmc-blue',
      service: 'kmc-blue',
      config: 'kmc-blue-config',
      etcd: 'kmc-blue-etcd',
      endpoint: 'kmc-blue-endpoint',
      kubeconfig: 'blue-kubeconfig',
    });
    for (const [type, name] of Object.entries({ NodePort: 'kmc-blue-nodeport', LoadBalancer: 'kmc-blue-lb' })) {
      const service = { ...spec.service, type: type as 'NodePort' };
      expect(namesOf(aPlane({ spec: { ...spec, service } })).service).toBe(name);
    }
  });

  it('lead to one member: its pod, its host name and its claim', () => {
    const names = namesOf(aPlane());
    expect(names.etcdMember(2)).toBe('kmc-blue-etcd-2');
    expect(names.etcdHost(2)).toBe('kmc-blue-etcd-2.kmc-blue-etcd.tenant.svc');
    expect(names.etcdClaim(2)).toBe('etcd-data-kmc-blue-etcd-2');
  });

  it('take the Secret that certificateRefs gives, if it gives one', () => {
    const { spec } = aPlane();
    const certificateRefs = [{ type: 'ca' as const, name: 'corporate' }, { type: 'sa' as const }];
    const names = namesOf(aPlane({ spec: { ...spec, certificateRefs } }));
    expect([names.certificate('ca'), names.certificate('sa'), names.certificate('proxy')]).toEqual([
      'corporate',
      'blue-sa',
      'blue-proxy',
    ]);
  });

  it('are shortened as the original shortens them', () => {
    const long = `kmc-${'a'.repeat(63)}-config`;
    // MD5 of that text begins with these five digits: `printf %s … | md5sum`.
    expect(shorten(long)).toBe(`kmc-${'a'.repeat(53)}-55004`);
    expect(shorten('kmc-blue-config')).toBe('kmc-blue-config');
  });

  it('fit wherever Kubernetes puts them, whatever the Cluster is called', () => {
    fc.assert(
      fc.property(clusterName, (name) => {
        const objects = everything(aPlane({ name }));
        const sets = objects.filter(({ kind }) => kind === 'StatefulSet').map(({ metadata }) => metadata.name);
        const values = [
          // `controller-revision-hash` is this name, a dash and ten characters, and is a label.
          ...sets.map((set) => `${set}-0123456789`),
          ...objects.flatMap(({ metadata }) => Object.values(metadata.labels)),
        ];
        expect(objects.filter(({ metadata }) => !dnsLabel.test(metadata.name))).toEqual([]);
        expect(values.filter((value) => !labelValue.test(value))).toEqual([]);
        expect(new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).size).toBe(objects.length);
      }),
      { numRuns: 100 },
    );
  });

  it('differ where two long names differ at the end only', () => {
    const [a, b] = ['a', 'b'].map((end) => namesOf(aPlane({ name: 'x'.repeat(62) + end })));
    for (const key of ['controlPlane', 'service', 'config', 'etcd'] as const) expect(a?.[key]).not.toBe(b?.[key]);
  });
});

describe('selectors', () => {
  it('hold nothing that a user can change', () => {
    const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(label, fc.constantFrom('app', 'cluster', 'component')), label), (labels) => {
        const selectors = (plane: HostedPlane) =>
          everything(plane).flatMap(({ spec }) => (spec as { selector?: unknown } | undefined)?.selector ?? []);
        expect(selectors(aPlane({ labels }))).toEqual(selectors(aPlane()));
      }),
      { numRuns: 50 },
    );
  });

  it('select the pods of their own template', () => {
    const sets = everything(aPlane({ labels: { app: 'mine' } })).filter(({ kind }) => kind === 'StatefulSet');
    expect(sets).toHaveLength(2);
    for (const { spec } of sets) {
      const { selector, template } = spec as {
        selector: { matchLabels: object };
        template: { metadata: { labels: object } };
      };
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    }
    expect(selectorLabels(aPlane(), 'etcd')).toEqual({ app: 'k0smotron', cluster: 'blue', component: 'etcd' });
  });

  it("leave the user's labels on the objects", () => {
    for (const { metadata } of everything(aPlane({ labels: { team: 'red' } }))) {
      expect(metadata.labels.team).toBe('red');
    }
  });
});

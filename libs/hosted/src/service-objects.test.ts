import { describe, expect, it } from '@jest/globals';
import { aPlane } from '../testing/index.ts';
import { serviceObjects } from './service-objects.ts';

const dropped = 'k0smotron.io/conversion-dropped-service';

const serviceOf = (service: object, annotations?: Record<string, string>) => {
  const { spec } = aPlane();
  const plane = aPlane({ annotations, spec: { ...spec, service: { ...spec.service, ...service } } });
  return serviceObjects(plane)[0];
};

describe('the Service of a plane', () => {
  it('has the two ports under their names, and both address families where there are both', () => {
    expect(serviceOf({ apiPort: 443, konnectivityPort: 8132 })?.spec).toMatchObject({
      type: 'ClusterIP',
      ipFamilyPolicy: 'PreferDualStack',
      ports: [
        { name: 'api', port: 443, targetPort: 443 },
        { name: 'konnectivity', port: 8132, targetPort: 8132 },
      ],
    });
  });

  it('pins the ports of the nodes for type NodePort, and there only', () => {
    const ports = (type: string) => (serviceOf({ type })?.spec as { ports: { nodePort?: number }[] }).ports;
    expect(ports('NodePort').map(({ nodePort }) => nodePort)).toEqual([30443, 30132]);
    expect(ports('LoadBalancer').map(({ nodePort }) => nodePort)).toEqual([undefined, undefined]);
  });

  it('has what v1beta1 said of it and v1beta2 keeps in annotations', () => {
    const service = serviceOf(
      { type: 'LoadBalancer' },
      {
        [`${dropped}.labels`]: '{"team":"red","app":"mine"}',
        [`${dropped}.annotations`]: '{"example.com/pool":"edge"}',
        [`${dropped}.externalTrafficPolicy`]: '"Local"',
        [`${dropped}.loadBalancerClass`]: '"example.com/lb"',
        'example.com/other': 'stays on the Cluster',
      },
    );
    expect(service?.metadata.labels).toMatchObject({ team: 'red', app: 'k0smotron' });
    expect(service?.metadata.annotations).toEqual({ 'example.com/pool': 'edge' });
    expect(service?.spec).toMatchObject({ externalTrafficPolicy: 'Local', loadBalancerClass: 'example.com/lb' });
  });

  it('passes over annotations that do not parse', () => {
    const service = serviceOf(
      { type: 'NodePort' },
      { [`${dropped}.labels`]: '{', [`${dropped}.externalTrafficPolicy`]: '3', [`${dropped}.annotations`]: '["a"]' },
    );
    expect(service?.spec).not.toHaveProperty('externalTrafficPolicy');
    expect(service?.metadata).not.toHaveProperty('annotations.a');
  });
});

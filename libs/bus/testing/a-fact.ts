import { machineProvisioned, type Fact, type FactObject } from '@k0smotron/events';

/** A fact about a machine of cluster `demo`; one id per name. */
export const aFact = (name: string, object: Partial<FactObject> = {}): Fact =>
  machineProvisioned(
    { kind: 'RemoteMachine', namespace: 'default', name, uid: `uid-of-${name}`, cluster: 'demo', ...object },
    { address: '192.0.2.10' },
    new Date('2026-01-01T00:00:00Z'),
  );

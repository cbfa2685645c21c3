import { describe, expect, it } from '@jest/globals';
import { ownFieldsOf, pluralOf, structuralProblems, toCrd, withoutMarks, type StructuralSchema } from '@k0smotron/crd';
import { bothVersionKinds, declarations } from './index.ts';

describe.each(declarations.map((declaration) => [declaration.kind, declaration] as const))(
  '%s',
  (_kind, declaration) => {
    const crd = toCrd(declaration);

    it('is small enough for client-side apply (ER-1)', () => {
      expect(JSON.stringify(crd).length).toBeLessThanOrEqual(200_000);
    });

    it('has the plural that Cluster API computes (X-02)', () => {
      expect(declaration.plural).toBe(pluralOf(declaration.kind));
      expect(crd.metadata.name).toBe(`${declaration.plural}.${declaration.group}`);
    });

    it('is structural, without our own marks', () => {
      const schemas = declaration.versions
        .flatMap(({ spec, status }) => (status ? [spec, status] : [spec]))
        .map(withoutMarks);
      expect(schemas.flatMap((schema) => structuralProblems(schema))).toEqual([]);
      expect(JSON.stringify(schemas)).not.toMatch(/"x-core-|"title":"/);
    });

    it('describes each of its fields', () => {
      const silent = declaration.versions.flatMap(({ name, spec, status }) => [
        ...undescribed(spec, `${name}.spec`),
        ...(status ? undescribed(status, `${name}.status`) : []),
      ]);
      expect(silent).toEqual([]);
    });
  },
);

function undescribed(schema: StructuralSchema, path: string): string[] {
  if (schema['x-core-type']) return [];
  return Object.entries(ownFieldsOf(schema).properties ?? {}).flatMap(([name, child]) => {
    const inner = child.items ?? child.additionalProperties;
    return [
      ...(child.description === undefined ? [`${path}.${name}`] : []),
      ...undescribed(child, `${path}.${name}`),
      ...(inner ? undescribed(inner, `${path}.${name}[]`) : []),
    ];
  });
}

/** Paths below a node; Conditions, ObjectReferences and core types count as one. */
function pathsBelow(schema: StructuralSchema): number {
  if (schema['x-core-type'] || ['Condition', 'ObjectReference'].includes(schema.title ?? '')) return 0;
  const inner = [schema.items, schema.additionalProperties].filter((child) => child !== undefined);
  const children = Object.values(ownFieldsOf(schema).properties ?? {});
  const own = children.reduce((sum, child) => sum + 1 + pathsBelow(child), 0);
  return own + inner.reduce((sum, child) => sum + pathsBelow(child), 0);
}

/** Schema paths of spec and status, `[the original's, ours beside them]`, in v1beta1 and v1beta2. */
const counted: Readonly<
  Record<string, readonly (readonly [spec: readonly [number, number], status: readonly [number, number]])[]>
> = {
  K0sWorkerConfig: [
    [
      [35, 0],
      [4, 0],
    ],
    [
      [38, 0],
      [5, 0],
    ],
  ],
  K0sControllerConfig: [
    [
      [39, 0],
      [4, 0],
    ],
    [
      [45, 0],
      [5, 0],
    ],
  ],
  K0sWorkerConfigTemplate: [
    [
      [43, 0],
      [0, 0],
    ],
    [
      [46, 0],
      [0, 0],
    ],
  ],
  // Ours: k0sVersion, rollout, remediation, timeouts, machineTemplate.spec; status.versions.
  K0sControlPlane: [
    [
      [50, 27],
      [13, 3],
    ],
    [
      [56, 26],
      [11, 3],
    ],
  ],
  K0sControlPlaneTemplate: [
    [
      [56, 14],
      [0, 0],
    ],
    [
      [62, 13],
      [0, 0],
    ],
  ],
  // Ours: status.versions; the original counts manifests[].name with the volume.
  K0smotronControlPlane: [
    [
      [73, 1],
      [13, 3],
    ],
    [
      [84, 1],
      [11, 3],
    ],
  ],
  K0smotronControlPlaneTemplate: [
    [
      [81, 1],
      [0, 0],
    ],
    [
      [92, 1],
      [0, 0],
    ],
  ],
  // Ours: conditions in v1beta1.
  Cluster: [
    [
      [73, 1],
      [5, 1],
    ],
    [
      [84, 1],
      [10, 0],
    ],
  ],
  // Ours: singleUse; status.expiresAt.
  JoinTokenRequest: [
    [
      [6, 1],
      [4, 2],
    ],
    [
      [4, 1],
      [7, 1],
    ],
  ],
  // The original counts jobSpecTemplate as one path: seven more below it. Ours: fields that contracts read.
  RemoteMachine: [
    [
      [16, 7],
      [7, 3],
    ],
    [
      [16, 7],
      [11, 2],
    ],
  ],
  RemoteMachineTemplate: [
    [
      [14, 7],
      [0, 5],
    ],
    [
      [14, 7],
      [0, 5],
    ],
  ],
  PooledRemoteMachine: [
    [
      [12, 0],
      [5, 0],
    ],
    [
      [12, 0],
      [5, 1],
    ],
  ],
  RemoteCluster: [
    [
      [4, 0],
      [2, 4],
    ],
    [
      [4, 0],
      [4, 4],
    ],
  ],
  RemoteClusterTemplate: [
    [
      [9, 0],
      [0, 0],
    ],
    [
      [9, 0],
      [0, 0],
    ],
  ],
};

describe('beside the original', () => {
  it.each(bothVersionKinds.map((declaration) => [declaration.kind, declaration] as const))(
    '%s has every field',
    (kind, { versions }) => {
      const sum = ([theirs, ours]: readonly [number, number]) => theirs + ours;
      const found = versions.map(({ spec, status }) => [1 + pathsBelow(spec), status ? 1 + pathsBelow(status) : 0]);
      expect(found).toEqual(counted[kind]?.map(([spec, status]) => [sum(spec), sum(status)]));
    },
  );

  it.each(bothVersionKinds.map((declaration) => [declaration.kind, declaration] as const))(
    '%s serves both contracts that it has, and stores v1beta2',
    (_kind, { group, labels, versions }) => {
      const contracts = { 'cluster.x-k8s.io/v1beta1': 'v1beta1', 'cluster.x-k8s.io/v1beta2': 'v1beta2' };
      if (group.endsWith('.cluster.x-k8s.io')) expect(labels).toMatchObject(contracts);
      else for (const contract of Object.keys(contracts)) expect(labels).not.toHaveProperty([contract]);
      expect(versions.map(({ name, served, storage }) => [name, served, storage])).toEqual([
        ['v1beta1', true, false],
        ['v1beta2', true, true],
      ]);
    },
  );
});

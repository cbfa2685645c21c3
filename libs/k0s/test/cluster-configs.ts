/** A `spec` of k0s's ClusterConfig. */
export interface SpecCase {
  readonly what: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What k0s 1.34 takes. */
export const taken: readonly SpecCase[] = [
  { what: 'nothing', spec: {} },
  { what: 'nulls', spec: { api: null, network: { provider: null } } },
  {
    what: 'free maps',
    spec: { api: { extraArgs: { v: '2' } }, workerProfiles: [{ name: 'a', values: { any: { thing: [1] } } }] },
  },
  { what: 'whole numbers', spec: { api: { port: 6444, k0sApiPort: 9443 } } },
  { what: 'what Go takes as unset', spec: { api: { port: 0 } } },
  {
    what: 'charts',
    spec: { extensions: { helm: { charts: [{ name: 'a', chartname: 'b', namespace: 'c', order: 1 }] } } },
  },
];

/** What k0s 1.34 refuses, and the one field that it is about. */
export const refused: readonly (SpecCase & { readonly field: string })[] = [
  { what: 'an unknown field', spec: { apii: {} }, field: 'apii' },
  {
    what: 'one deep down',
    spec: { extensions: { helm: { charts: [{ nam: 'a' }] } } },
    field: 'extensions.helm.charts[0].nam',
  },
  { what: 'text for a number', spec: { api: { port: '6443' } }, field: 'api.port' },
  { what: 'a number for text', spec: { api: { extraArgs: { v: 2 } } }, field: 'api.extraArgs.v' },
  { what: 'text for a truth', spec: { telemetry: { enabled: 'yes' } }, field: 'telemetry.enabled' },
  { what: 'one text for a list', spec: { api: { sans: 'a' } }, field: 'api.sans' },
  { what: 'an unknown choice', spec: { network: { provider: 'cilium' } }, field: 'network.provider' },
  { what: 'a port that is none', spec: { api: { port: 70000 } }, field: 'api.port' },
];

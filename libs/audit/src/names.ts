/** Where a service keeps its outbox, and the names in there. */
export interface AuditNames {
  readonly namespace: string;
  /** ConfigMap with the head of the chain. */
  readonly head: string;
  /** Secret with the signing key. */
  readonly key: string;
  /** Label that all records of the service have, with the service as value. */
  readonly label: string;
  readonly service: string;
  /** ConfigMap with the record of a fact. */
  record(factId: string): string;
}

/** Field manager of everything in the outbox. */
export const fieldManager = 'k0smotron-audit';

/** Names for the service `bootstrap`, `infrastructure`, … */
export const auditNames = (service: string, namespace: string): AuditNames => ({
  namespace,
  head: `k0smotron-audit-${service}`,
  key: `k0smotron-audit-${service}-key`,
  label: 'k0smotron.io/audit-outbox',
  service,
  record: (factId) => `k0smotron-audit-${service}-${factId}`,
});

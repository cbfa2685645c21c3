import { podLabels } from './manager.ts';
import { namespaceOf, objectName, providers } from './provider.ts';

/** A drain takes one replica at a time: the others answer webhooks meanwhile (SR-18). */
export const disruptionBudgets = (): readonly object[] =>
  providers.map((provider) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: objectName(provider), namespace: namespaceOf(provider) },
    spec: { maxUnavailable: 1, selector: { matchLabels: podLabels(provider) } },
  }));

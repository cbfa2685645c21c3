import type { RemoteMachine } from '@k0smotron/api';
import { parseEpoch, type HostEpoch } from '@k0smotron/provision';
import type { Run } from '@k0smotron/runtime';
import type { CleanUpRecord } from './clean-up-record.ts';

/**
 * Who leads, for effects on a machine's host (SR-7). The host has heard the leader of the management cluster that the machine
 * came from with `clusterctl move`, which may have been acquired after ours: a machine that moved, which its journal's name
 * tells, was in our hands at the time of its creation here, and so later than that.
 */
export function hostEpoch(
  { epoch, term, object: { metadata } }: Pick<Run<RemoteMachine>, 'epoch' | 'term' | 'object'>,
  { journal }: Pick<CleanUpRecord, 'journal'>,
): HostEpoch {
  const moved = journal !== metadata.uid;
  const since = moved ? Date.parse(metadata.creationTimestamp ?? '') : 0;
  return parseEpoch(epoch, Math.max(term.acquiredAtMs, since || 0));
}

export { aborted } from './aborted.ts';
export { backoffMs, type BackoffOptions } from './backoff.ts';
export { rfc3339, systemClock, type Clock } from './clock.ts';
export { assertNever, during, messageOf, TerminalError } from './errors.ts';
export { asWarnings, type Finding } from './finding.ts';
export {
  apiVersionOf,
  controllerRef,
  isDeleting,
  keyOf,
  ownerRef,
  parseKey,
  type Condition,
  type Intent,
  type Kind,
  type KubeObject,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
} from './kube-object.ts';
export { silentLogger, type LogFields, type Logger } from './logger.ts';
export { silentMeter, type Meter, type MetricLabels } from './meter.ts';
export { done, lookAgain, waitingOn, type Outcome } from './outcome.ts';
export { urlHost } from './url-host.ts';
export { withOwner } from './with-owner.ts';

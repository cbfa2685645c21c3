/** What a reconcile asks of the queue. Errors are thrown, never returned. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'waiting'; readonly on: string }
  | { readonly kind: 'again'; readonly afterMs: number; readonly why: string };

/** Nothing left to do until something changes. */
export const done: Outcome = { kind: 'done' };

/** Blocked on something we watch; its event will wake us. */
export const waitingOn = (on: string): Outcome => ({ kind: 'waiting', on });

/** Blocked on something we cannot watch; look again after `afterMs` milliseconds. */
export const lookAgain = (afterMs: number, why: string): Outcome => ({ kind: 'again', afterMs, why });

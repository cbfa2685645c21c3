/**
 * Loaded into a service by `NODE_OPTIONS=--import`: its wall clock is `FAULTS_CLOCK_AHEAD_MS` ahead of that of its hosts, of the
 * API server and of everybody else. The monotonic clock stays. A machine of the lab cannot have a wall clock of its own: it
 * shares the kernel's, and time namespaces only move the monotonic and the boot-time clock.
 */
const aheadMs = Number(process.env['FAULTS_CLOCK_AHEAD_MS'] ?? 0);
const real = Date;
const now = (): number => real.now() + aheadMs;

globalThis.Date = new Proxy(real, {
  apply: () => new real(now()).toString(),
  construct: (target, args: unknown[], made) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], made) as Date,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});

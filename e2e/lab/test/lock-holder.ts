/** A process that takes a lock, says so and waits to be killed. */
import { withLock } from '../src/lock.ts';

await withLock(process.argv[2] ?? '', () => {
  process.stdout.write('held\n');
  return new Promise(() => setInterval(() => undefined, 1_000));
});

/** What was read is not what was written: reading it again from the same place cannot help. */
export class SnapshotDamagedError extends Error {
  override readonly name = 'SnapshotDamagedError';
}

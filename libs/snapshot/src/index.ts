export { checkedDatabase } from './checked-database.ts';
export { SnapshotDamagedError } from './damaged.ts';
export { manifestFormat, parseManifest, renderManifest, type Manifest, type StoredFile } from './manifest.ts';
export { expecting, measured, type Measure } from './measured.ts';
export { attemptFiles, folderOf, manifestName, type SnapshotPlace } from './names.ts';
export { planRetention, type KeptSnapshot, type Retention, type RetentionPlan } from './retention.ts';
export { nextTimes, planRun, type Due, type Timetable } from './schedule.ts';
export { openStream, sealStream } from './seal.ts';

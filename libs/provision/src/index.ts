export { renderJinja, type TemplateVariables } from './cloud-config/jinja.ts';
export { parseCloudConfig } from './cloud-config/parse.ts';
export { toCloudConfig, type CloudConfigInput } from './cloud-config/write.ts';
export { parseEpoch, type HostEpoch } from './host/epoch.ts';
export {
  renderJournal,
  type HostJob,
  type HostJobPurpose,
  type HostStep,
  type JournalOptions,
} from './host/journal.ts';
export { parseProgress, type HostJobProgress, type HostJobState } from './host/progress.ts';
export {
  cancelHostJob,
  forgetHostJob,
  HostBusyError,
  HostJobCutError,
  observeHostJob,
  runHostJob,
  SupersededError,
  type CommandRunner,
  type HostJobOptions,
  type HostJobResult,
} from './host/run-host-job.ts';
export type { BootstrapPlan, HostCommand, HostFile } from './plan.ts';
export { shellQuote } from './shell-quote.ts';

export { renderJinja, type TemplateVariables } from './cloud-config/jinja.ts';
export { parseCloudConfig } from './cloud-config/parse.ts';
export { toCloudConfig, type CloudConfigInput } from './cloud-config/write.ts';
export { parseLeftovers, renderCleanUp, type CleanUp, type CleanUpInput, type Leftover } from './host/clean-up.ts';
export { parseEpoch, type HostEpoch } from './host/epoch.ts';
export { factsCommand, parseFacts, type HostFacts } from './host/facts.ts';
export type { HostJobPurpose, HostStep } from './host/host-step.ts';
export { renderJournal, type HostJob, type JournalOptions } from './host/journal.ts';
export { parseProgress, type HostJobProgress, type HostJobState } from './host/progress.ts';
export {
  HostBusyError,
  HostJobCutError,
  HostJournalError,
  HostSilentError,
  SupersededError,
  type CommandRunner,
  type HostJobOptions,
} from './host/journal-caller.ts';
export { proveClean } from './host/prove-clean.ts';
export { cancelHostJob, forgetHostJob, observeHostJob, runHostJob, type HostJobResult } from './host/run-host-job.ts';
export { toIgnition, type IgnitionOptions } from './ignition.ts';
export type { BootstrapPlan, HostCommand, HostFile } from './plan.ts';
export { toPowerShell, toPowerShellXml, type PowerShellInput } from './powershell.ts';
export { shellQuote } from './shell-quote.ts';

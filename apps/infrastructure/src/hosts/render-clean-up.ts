import { shellQuote, type BootstrapPlan } from '@k0smotron/provision';
import type { CleanUpRecord } from './clean-up-record.ts';

/** The commands that take k0s and everything of ours off a host, then look whether anything stayed. */
export function renderCleanUp(record: CleanUpRecord): BootstrapPlan {
  if (record.commands) return { files: [], commands: [...record.commands, removeFiles(record)] };
  if (record.role === 'foreign') return { files: [], commands: [removeFiles(record)] };
  const k0s = shellQuote(record.k0sPath ?? '/usr/local/bin/k0s');
  const dirs = [
    ...(record.dataDir ? ['--data-dir', shellQuote(record.dataDir)] : []),
    ...(record.kubeletRootDir ? ['--kubelet-root-dir', shellQuote(record.kubeletRootDir)] : []),
  ].join(' ');
  return {
    files: [],
    commands: [
      `if command -v systemctl >/dev/null 2>&1; then systemctl stop k0s${record.role} 2>/dev/null || true; fi`,
      `if [ -x ${k0s} ]; then ${k0s} reset ${dirs}; fi`,
      removeFiles(record),
    ],
  };
}

const removeFiles = ({ files }: CleanUpRecord): string => `rm -f ${[...files, '/run/cluster-api/bootstrap-success.complete'].map(shellQuote).join(' ')}`;

/** In what a machine differs from one that would be made now; what is not known to differ does not (CP-27). */
export interface Differences {
  /** Another release, not another spelling of one. */
  readonly version: boolean;
  /** What a machine is set up with; what a running cluster takes over by itself is no difference. */
  readonly config: boolean;
  /** Another template of its infrastructure. */
  readonly template: boolean;
  /** Made before a moment from which on all machines are to be new ones. */
  readonly expired: boolean;
}

/** What brings a machine to what is wanted. */
export type Change = 'nothing' | 'in place' | 'replace';

/** Only a version can be changed on a machine that runs: everything else is laid down when it is made. */
export function changeFor({ version, config, template, expired }: Differences): Change {
  if (config || template || expired) return 'replace';
  return version ? 'in place' : 'nothing';
}

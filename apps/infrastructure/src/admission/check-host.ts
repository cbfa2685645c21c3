import type { Finding } from '@k0smotron/core';

/** How a host is reached and left, in RemoteMachines and in pools. */
export interface CheckedHost {
  readonly address?: string;
  readonly workingDir?: string;
  readonly sshKeyRef?: { readonly name?: string };
  readonly cleanUpCommands?: readonly string[];
}

/** What can be said about a host without reaching it. */
export const hostFindings = (
  { address, workingDir, sshKeyRef, cleanUpCommands }: CheckedHost,
  at: string,
): Finding[] => [
  ...addressFindings(address, `${at}.address`, 'the port into port, the user into user'),
  ...(sshKeyRef && !sshKeyRef.name
    ? [{ field: `${at}.sshKeyRef.name`, message: 'is empty: write the name of the Secret with the SSH private key' }]
    : []),
  ...(workingDir && !workingDir.startsWith('/')
    ? [{ field: `${at}.workingDir`, message: 'is no absolute path: let it begin with /', warning: true }]
    : []),
  ...(cleanUpCommands?.length === 0
    ? [
        {
          field: `${at}.cleanUpCommands`,
          message: 'is empty, so nothing is cleaned: leave it out for k0s reset',
          warning: true,
        },
      ]
    : []),
];

/** Host names and addresses hold neither scheme, user, port nor path; IPv6 addresses have more than one colon. */
export function addressFindings(address: string | undefined, field: string, elsewhere: string): Finding[] {
  if (address === undefined || address === '') return [];
  const bare = !/[\s/@]/.test(address) && !/^[^:]*:[^:]*$/.test(address);
  return bare
    ? []
    : [{ field, message: `${address} is more than a host name or address: write only that, ${elsewhere}` }];
}

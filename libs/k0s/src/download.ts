import { TerminalError } from '@k0smotron/core';
import { canonicalVersion } from './version.ts';
import { shellQuote } from './shell.ts';

/** Where a machine gets k0s from. */
export interface DownloadOptions {
  /** Full path of the program on the host. */
  readonly k0sPath: string;
  /** `spec.version`; used by the default source only, the newest release unless told. */
  readonly version?: string;
  /** `spec.downloadURL`: http, https, oci, or nothing for k0s's own installer. */
  readonly url?: string;
  /** `spec.preInstalledK0s`: the host has it already. */
  readonly preInstalled?: boolean;
  /** Lower-case hex digest that the program must have; for http, https and oci sources. */
  readonly sha256?: string;
}

/** k0s's own installer script, the default source. */
const defaultDownloadUrl = 'https://get.k0s.sh';

/**
 * Shell commands that put k0s in place; none when it is pre-installed. A download goes to a temporary name first, so that a
 * cut transfer never leaves half a program, and each command fails when its download fails.
 *
 * @throws TerminalError `InvalidDownloadURL`.
 */
export function downloadCommands({ k0sPath, version, url, preInstalled, sha256 }: DownloadOptions): string[] {
  if (preInstalled) return [];
  const source = parseUrl(url || defaultDownloadUrl);
  const folder = k0sPath.slice(0, k0sPath.lastIndexOf('/')) || '/';
  const makeFolder = `mkdir -p ${shellQuote(folder)}`;
  if (isDefault(source)) return [makeFolder, installerCommand(source.href, folder, version)];

  const temporary = `${k0sPath}.download`;
  return [makeFolder, fetchCommand(source, temporary), ...placeCommands(temporary, k0sPath, sha256)];
}

const isDefault = ({ protocol, host, pathname }: URL): boolean =>
  `${protocol}//${host}` === defaultDownloadUrl && pathname === '/';

/** The script is saved before it runs: a pipe into a shell would run half of it and hide that the download failed. */
function installerCommand(url: string, folder: string, version: string | undefined): string {
  const settings = [
    `K0S_INSTALL_PATH=${shellQuote(folder)}`,
    ...(version ? [`K0S_VERSION=${shellQuote(canonicalVersion(version))}`] : []),
  ].join(' ');
  return [
    'script=$(mktemp)',
    `{ ${httpGet(url, '"$script"')}; } && ${settings} sh "$script" && rm -f "$script" || { rm -f "$script"; false; }`,
  ].join(' && ');
}

function fetchCommand(source: URL, to: string): string {
  const target = shellQuote(to);
  if (source.protocol === 'oci:') {
    const blob = shellQuote(`${source.host}${source.pathname}`);
    // oras looks for its credentials under HOME, which services and SSH sessions may lack.
    return `HOME=\${HOME:-~root} oras blob fetch --output ${target} ${blob}`;
  }
  return httpGet(source.href, target);
}

/** curl where there is one, else wget: minimal systems often have only one of them. */
const httpGet = (url: string, target: string): string => {
  const from = shellQuote(url);
  return (
    `if command -v curl >/dev/null 2>&1; then curl -sSfL --retry 5 -o ${target} ${from}; ` +
    `else wget -q -O ${target} ${from}; fi`
  );
};

function placeCommands(temporary: string, k0sPath: string, sha256: string | undefined): string[] {
  const [from, to] = [shellQuote(temporary), shellQuote(k0sPath)];
  const check = sha256 ? [`echo ${shellQuote(`${digest(sha256)}  ${temporary}`)} | sha256sum -c -`] : [];
  return [...check, `chmod 0755 ${from} && mv -f ${from} ${to}`];
}

function digest(sha256: string): string {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  throw new TerminalError(
    'InvalidChecksum',
    'the k0s checksum must be a SHA-256 digest in hexadecimal (64 characters)',
  );
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ['http:', 'https:', 'oci:'].includes(url.protocol) && url.host !== '') return url;
  throw new TerminalError(
    'InvalidDownloadURL',
    `downloadURL ${JSON.stringify(text)} is not usable: write an http, https or oci URL of the k0s program`,
  );
}

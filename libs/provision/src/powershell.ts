import { bytesOf, type BootstrapPlan, type HostFile } from './plan.ts';

/** A plan for Windows, and what the user appends to it. */
export interface PowerShellInput extends BootstrapPlan {
  readonly customUserData?: string;
}

/** One PowerShell string, whatever it contains. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Writes a PowerShell script: files byte for byte, then the commands as they are; CRLF line ends. */
export function toPowerShell({ files, commands, earlyCommands = [], customUserData }: PowerShellInput): string {
  const lines = [
    `$ErrorActionPreference = 'Stop'`,
    ...earlyCommands.map((command) => lineOf(command)),
    ...files.flatMap((file) => fileLines(file)),
    ...commands.map((command) => lineOf(command)),
    ...(customUserData ? [customUserData] : []),
  ];
  return `${lines.join('\n')}\n`.replaceAll(/\r?\n/g, '\r\n');
}

/** As {@link toPowerShell}, in the element that EC2 and others execute. */
export const toPowerShellXml = (input: PowerShellInput): string =>
  `<powershell>\r\n${toPowerShell(input)}</powershell>\r\n`;

const lineOf = (command: string | readonly string[]): string =>
  typeof command === 'string' ? command : `& ${command.map((word) => quote(word)).join(' ')}`;

function fileLines(file: HostFile): string[] {
  const path = quote(file.path);
  const bytes = `[Convert]::FromBase64String(${quote(bytesOf(file).toString('base64'))})`;
  const write = file.append
    ? `$stream = [IO.File]::Open(${path}, 'Append'); try { $data = ${bytes}; $stream.Write($data, 0, $data.Length) } finally { $stream.Close() }`
    : `[IO.File]::WriteAllBytes(${path}, ${bytes})`;
  return [`New-Item -ItemType Directory -Force -Path (Split-Path -Parent ${path}) | Out-Null`, write];
}

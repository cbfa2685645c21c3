import { dump } from 'js-yaml';
import type { BootstrapPlan, HostFile } from '../plan.ts';
import { jinjaUse } from './jinja.ts';

/** A plan, and what the user appends to it. */
export interface CloudConfigInput extends BootstrapPlan {
  /** More cloud-config, put behind a header line of its own as the original does. */
  readonly customUserData?: string;
}

const jinjaHeader = '## template: jinja\n';

/**
 * Writes cloud-config. The jinja header is there as in the original, so that users may write `{{ ds.meta_data.… }}`; marks
 * of other template languages are kept from cloud-init, which would fail on them.
 */
export function toCloudConfig({ customUserData, ...plan }: CloudConfigInput): string {
  const document = {
    ...(plan.earlyCommands?.length ? { bootcmd: plan.earlyCommands } : {}),
    write_files: plan.files.map((file) => writeFilesEntry(file)),
    runcmd: plan.commands,
  };
  const yaml = dump(document, { lineWidth: -1, noRefs: true });
  const text = `#cloud-config\n${yaml}${customUserData ? `\n#cloud-config\n${customUserData}` : ''}`;
  const { variables, foreign } = jinjaUse(text);
  if (!foreign) return jinjaHeader + text;
  // Nothing to fill in: without the header nothing is touched.
  return variables ? jinjaHeader + hideForeignMarks(text) : text;
}

function hideForeignMarks(text: string): string {
  return text
    .replaceAll(/\{\{[\s\S]*?(?:\}\}|$)/g, (found) =>
      jinjaUse(found).foreign ? found.replace('{{', raw('{{')) : found,
    )
    .replaceAll('${#', `$${raw('{#')}`);
}

const raw = (mark: string): string => `{% raw %}${mark}{% endraw %}`;

function writeFilesEntry({ path, content, permissions, owner, append }: HostFile): Record<string, unknown> {
  const body =
    typeof content === 'string' ? { content } : { content: Buffer.from(content).toString('base64'), encoding: 'b64' };
  return {
    path,
    ...body,
    ...(permissions ? { permissions } : {}),
    ...(owner ? { owner } : {}),
    ...(append ? { append } : {}),
  };
}

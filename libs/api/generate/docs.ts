import { toMarkdown, type KindDeclaration } from '@k0smotron/crd';
import { markdownHeader } from './header.ts';

const pageOf = ({ kind }: KindDeclaration): string => `${kind.toLowerCase()}.md`;

function renderIndex(declarations: readonly KindDeclaration[]): string {
  const rows = declarations.map((declaration) => {
    const { kind, group, summary } = declaration;
    return `| [${kind}](${pageOf(declaration)}) | ${group} | ${summary} |`;
  });
  return [`${markdownHeader}# Kinds`, '', '| Kind | Group | What it is |', '|---|---|---|', ...rows, ''].join('\n');
}

/** The reference pages by file name: one per kind, and an index. */
export function renderDocs(declarations: readonly KindDeclaration[]): Map<string, string> {
  const pages = declarations.map(
    (declaration) => [pageOf(declaration), markdownHeader + toMarkdown(declaration)] as const,
  );
  return new Map([['README.md', renderIndex(declarations)], ...pages]);
}

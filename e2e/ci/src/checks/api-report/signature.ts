import ts from 'typescript';

/** Longer ones say too little for their length: who wants all of it reads the source. */
const longest = 240;

/** Kind and signature of a declaration in one line, without comments and bodies. */
export function signatureOf(node: ts.Declaration, checker: ts.TypeChecker): readonly [kind: string, text: string] {
  if (ts.isFunctionDeclaration(node)) return ['function', callable(node, checker)];
  if (ts.isInterfaceDeclaration(node)) return ['interface', members(node.members)];
  if (ts.isClassDeclaration(node)) return ['class', members(node.members.filter(isPublic))];
  if (ts.isTypeAliasDeclaration(node)) return ['type', inOneLine(node.type)];
  if (ts.isVariableDeclaration(node)) return ['const', variable(node, checker)];
  return [ts.SyntaxKind[node.kind], ''];
}

function variable(node: ts.VariableDeclaration, checker: ts.TypeChecker): string {
  if (node.type) return inOneLine(node.type);
  const { initializer } = node;
  if (initializer && ts.isArrowFunction(initializer)) return callable(initializer, checker);
  return shortened(checker.typeToString(checker.getTypeAtLocation(node), node));
}

function callable(node: ts.SignatureDeclaration, checker: ts.TypeChecker): string {
  const signature = checker.getSignatureFromDeclaration(node);
  return signature ? shortened(checker.signatureToString(signature, node)) : '';
}

/** Names only, a question mark after what may be absent, brackets after what is called. */
function members(nodes: readonly (ts.TypeElement | ts.ClassElement)[]): string {
  const names = nodes.map((node) => {
    const optional = 'questionToken' in node && node.questionToken ? '?' : '';
    const called = ts.isMethodSignature(node) || ts.isMethodDeclaration(node) ? '()' : '';
    const name = node.name?.getText() ?? (ts.isConstructorDeclaration(node) ? 'constructor()' : '[…]');
    return `${name}${optional}${called}`;
  });
  return shortened(`{ ${[...new Set(names)].join('; ')} }`);
}

const isPublic = (node: ts.ClassElement): boolean =>
  !(node.name && ts.isPrivateIdentifier(node.name)) &&
  (ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;

const printer = ts.createPrinter({ removeComments: true });

const inOneLine = (node: ts.Node): string =>
  shortened(printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()));

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}

/** Block-style YAML of plain JSON data; strings are written as JSON, which YAML 1.2 reads alike. */
export function toYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => `\n${indent}- ${toYaml(item, `${indent}  `).trimStart()}`).join('');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0) {
    return Object.entries(value)
      .map(([key, item]) => `\n${indent}${keyText(key)}:${child(item, indent)}`)
      .join('');
  }
  return JSON.stringify(value);
}

const child = (item: unknown, indent: string): string => {
  const text = toYaml(item, `${indent}  `);
  return text.startsWith('\n') ? text : ` ${text}`;
};

const keyText = (key: string): string => (/^[A-Za-z][\w-]*$/.test(key) ? key : JSON.stringify(key));

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Whether labels match a selector as the API server reads it: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b,c)`, joined
 * by commas. An empty selector matches everything.
 */
export function matchesLabels(selector: string, labels: Labels): boolean {
  const requirements = selector.match(/[^,(]+(\([^)]*\))?/g) ?? []; // commas in brackets separate values
  return requirements.every((requirement) => meets(requirement.trim(), labels));
}

function meets(requirement: string, labels: Labels): boolean {
  const [, setKey = '', not, set = ''] = /^(\S+)\s+(not)?in\s*\(([^)]*)\)$/.exec(requirement) ?? [];
  if (setKey !== '') {
    const listed = set.split(',').some((value) => value.trim() === labels[setKey]);
    return listed === (not === undefined);
  }
  const [, key = '', operator = '', value = ''] = /^([^=!\s]+)\s*(!?=)=?\s*(\S*)$/.exec(requirement) ?? [];
  if (key !== '') return (labels[key] === value) === (operator === '=');
  return requirement.startsWith('!') ? labels[requirement.slice(1)] === undefined : labels[requirement] !== undefined;
}

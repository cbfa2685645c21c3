import { z } from 'zod';
import { allFacts, type DescribedFact } from './all-facts.ts';
import { addressOf } from './asyncapi.ts';

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
}

/** The page for readers: one table of all facts, then the details of each. */
export function factsPage(): string {
  const rows = allFacts.map((fact) => {
    const { factClass, summary } = fact.definition;
    return `| \`${addressOf(fact)}\` | ${factClass} | ${summary} |`;
  });
  return [
    '# Facts over NATS',
    'What the services publish, as CloudEvents 1.0 in JSON, into the JetStream stream `K0SMOTRON`. The same as an AsyncAPI 3\ndocument: [events.yaml](events.yaml). Why it is so: [ADR 0004](../adr/0004-facts-on-nats.md).',
    ['| Subject | Class | Fact |', '|---|---|---|', ...rows].join('\n'),
    '`state` facts can be derived again while their object lives; `audit` facts tell of an effect,\nhave a subject of their own and form a signed chain per service ([ADR 0011](../adr/0011-audit-outbox.md)). Every event carries `data.object`\n(kind, namespace, name, uid, cluster) and `data.details`:',
    ...allFacts.map(detailsOf),
  ].join('\n\n');
}

function detailsOf({ definition: { service, kinds, fact }, details }: DescribedFact): string {
  const { properties = {}, required = [] } = z.toJSONSchema(details) as {
    properties?: Record<string, Property>;
    required?: readonly string[];
  };
  const rows = Object.entries(properties).map(([name, property]) => {
    const field = required.includes(name) ? `\`${name}\`` : `\`${name}\` (optional)`;
    return `| ${field} | ${typeOf(property)} | ${property.description ?? ''} |`;
  });
  const title = `## ${service}: ${kinds.join(', ')} ${fact}`;
  return [title, ['| Field | Type | |', '|---|---|---|', ...rows].join('\n')].join('\n\n');
}

const typeOf = ({ type, enum: values }: Property): string =>
  values ? values.map((value) => `\`${value}\``).join(', ') : (type ?? '');

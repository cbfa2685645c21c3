/**
 * Domains whose keys tell of one Kubernetes object and are not copied to others. Keys with a meaning for nodes
 * (`topology.kubernetes.io/zone`, `*.node.cluster.x-k8s.io`) are a host's own.
 */
const domainsOfObjects = ['cluster.x-k8s.io', 'k0smotron.io', 'kubectl.kubernetes.io', 'k0sproject.io'];
const domainsOfNodes = ['node.cluster.x-k8s.io'];

/** True for a label or annotation that says something of the host, such as its rack. */
function tellsOfHost(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return true;
  const domain = key.slice(0, slash);
  if (domainsOfNodes.some((it) => isWithin(domain, it))) return true;
  return !domainsOfObjects.some((it) => isWithin(domain, it));
}

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);

type Entries = Readonly<Record<string, string>>;

/** What `from` tells of the host and `to` does not know yet; undefined when that is nothing. */
export function missingHostMetadata(from: Entries = {}, to: Entries = {}): Record<string, string> | undefined {
  const entries = Object.entries(from).filter(([key]) => to[key] === undefined && tellsOfHost(key));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

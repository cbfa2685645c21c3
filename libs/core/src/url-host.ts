/** A host as URLs want it: an IPv6 address needs brackets, unless it has them. */
export const urlHost = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

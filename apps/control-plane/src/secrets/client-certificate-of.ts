/** The client certificate (PEM) inside a kubeconfig Secret's base64 value; undefined when there is none to renew. */
export function clientCertificateOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const kubeconfig = Buffer.from(value, 'base64').toString('utf8');
  const data = /client-certificate-data:\s*"?([A-Za-z0-9+/=]+)/.exec(kubeconfig)?.[1];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

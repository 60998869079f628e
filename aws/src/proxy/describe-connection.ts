import type { ConnectionDetails, ToolConnection } from './connection-details.ts';

/** The details as text for people: what all tools need first, then one part for each tool. */
export function describeConnection(details: ConnectionDetails): string {
  const { user, schemas, address, port } = details;
  const reads = schemas.length === 0 ? '' : `, who reads ${schemas.join(', ')}`;
  return `Connecting as ${user}${reads}, by way of ${address}:${port}

For every tool
${indent({
  Password: `${details.password}   (in it: "password")`,
  Certificates: `curl -O ${details.certificates}`,
  'Hosts line': details.hostsLine,
})}

${details.tools.map(describeTool).join('\n\n')}
`;
}

function describeTool({ tool, tls, steps, fields, paste }: ToolConnection): string {
  return [
    `${tool} (${tls})`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    // What can be pasted whole says the same as the fields would.
    paste === undefined ? indent(fields) : `  ${paste}`,
  ].join('\n');
}

function indent(fields: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  return Object.entries(fields)
    .map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
    .join('\n');
}

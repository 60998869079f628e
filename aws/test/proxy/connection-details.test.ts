import { expect, test } from 'vitest';

import { connectionDetails } from '../../src/proxy/connection-details.ts';
import { planWith, refs } from './plans.ts';

const details = connectionDetails({
  plan: planWith(),
  user: 'tableau',
  proxyAddress: refs.proxyAddress,
  databaseHost: refs.databaseHost,
  secret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tableau-AbCdEf',
});

test('every tool is told how, ready to paste', () => {
  const pasted = details.tools.map(({ tool, tls, paste, fields }) => [tool, tls, paste ?? fields]);
  expect({ ...details, tools: pasted }).toMatchInlineSnapshot(`
    {
      "address": "198.51.100.7",
      "certificates": "https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem",
      "database": "plumbline",
      "host": "acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com",
      "hostsLine": "198.51.100.7 acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com",
      "password": "aws secretsmanager get-secret-value --region eu-central-1 --secret-id 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tableau-AbCdEf' --query SecretString --output text",
      "port": 5432,
      "schemas": [
        "marts",
      ],
      "tools": [
        [
          "psql",
          "verify-full",
          "psql "host=acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com hostaddr=198.51.100.7 port=5432 dbname=plumbline user=tableau sslmode=verify-full sslrootcert=eu-central-1-bundle.pem"",
        ],
        [
          "Tableau",
          "verify-ca",
          {
            "Authentication": "Username and Password",
            "Database": "plumbline",
            "Port": "5432",
            "Require SSL": "yes",
            "Server": "acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com",
            "Username": "tableau",
          },
        ],
        [
          "Power BI",
          "verify-full",
          "PostgreSQL.Database("acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com:5432", "plumbline")",
        ],
        [
          "Metabase",
          "verify-full",
          {
            "Database name": "plumbline",
            "Host": "acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com",
            "Port": "5432",
            "SSL Mode": "verify-full",
            "SSL Root Certificate (PEM)": "the downloaded file",
            "Use a secure connection (SSL)": "yes",
            "Username": "tableau",
          },
        ],
        [
          "Excel",
          "verify-full",
          "Driver={PostgreSQL Unicode(x64)};Server=acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com;Port=5432;Database=plumbline;SSLmode=verify-full;pqopt={hostaddr=198.51.100.7 sslrootcert=eu-central-1-bundle.pem};ReadOnly=1",
        ],
      ],
      "user": "tableau",
    }
  `);
});

test('every tool is given the database’s own name, and goes to the proxy for it', () => {
  expect(details.tools.map(({ tool }) => tool)).toEqual([
    'psql',
    'Tableau',
    'Power BI',
    'Metabase',
    'Excel',
  ]);
  for (const { tool, tls, fields, paste, steps } of details.tools) {
    expect(tls).toBe(tool === 'Tableau' ? 'verify-ca' : 'verify-full');
    const said = JSON.stringify([fields, paste]);
    expect(said).toContain(refs.databaseHost);
    // Either the address stands beside the name, or a line in `hosts` leads there.
    expect(said.includes(refs.proxyAddress) || /hosts line/u.test(steps.join(' '))).toBe(true);
  }
});

test('no password is in it, only the command that shows it', () => {
  const { password, tools } = JSON.parse(JSON.stringify(details)) as typeof details; // As written.
  expect(password).toContain('aws secretsmanager get-secret-value');
  for (const { fields, paste } of tools) {
    const given = { ...fields, Authentication: '' };
    expect(JSON.stringify([given, paste])).not.toMatch(/passw|pwd/iu);
  }
});

import { expect, test } from 'vitest';

import { connectionDetails } from '../../src/proxy/connection-details.ts';
import { describeConnection } from '../../src/proxy/describe-connection.ts';
import { planWith, refs } from './plans.ts';

const details = connectionDetails({
  plan: planWith(),
  user: 'tableau',
  proxyAddress: refs.proxyAddress,
  databaseHost: refs.databaseHost,
  secret: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tableau-AbCdEf',
});

test('every tool is told how, ready to paste', () => {
  expect(describeConnection(details)).toMatchInlineSnapshot(`
    "Connecting as tableau, who reads marts, by way of 198.51.100.7:5432

    For every tool
      Password      aws secretsmanager get-secret-value --region eu-central-1 --secret-id 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tableau-AbCdEf' --query SecretString --output text   (in it: "password")
      Certificates  curl -O https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem
      Hosts line    198.51.100.7 acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com

    psql (verify-full)
      1. Download the certificates.
      psql "host=acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com hostaddr=198.51.100.7 port=5432 dbname=plumbline user=tableau sslmode=verify-full sslrootcert=eu-central-1-bundle.pem"

    Tableau (verify-ca)
      1. Add the hosts line to the machine that connects (Windows: C:\\Windows\\System32\\drivers\\etc\\hosts, elsewhere /etc/hosts), or to your own DNS.
      2. Have the certificates trusted by the machine: on Windows import each certificate of the bundle into "Trusted Root Certification Authorities" of the local machine, on a Mac into the System keychain.
      3. Connect > To a Server > PostgreSQL. Tableau Cloud reaches it through Tableau Bridge on such a machine.
      Server          acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com
      Port            5432
      Database        plumbline
      Authentication  Username and Password
      Username        tableau
      Require SSL     yes

    Power BI (verify-full)
      1. Add the hosts line to the machine that connects (Windows: C:\\Windows\\System32\\drivers\\etc\\hosts, elsewhere /etc/hosts), or to your own DNS.
      2. Import each certificate of the bundle into "Trusted Root Certification Authorities" of the local machine (certlm.msc).
      3. Get data > PostgreSQL database. The Power BI service refreshes through an on-premises data gateway, which needs the same two steps.
      PostgreSQL.Database("acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com:5432", "plumbline")

    Metabase (verify-full)
      1. Add the hosts line to the server Metabase runs on; for a container: docker run --add-host.
      2. Without that line: put the proxy address into Host and choose verify-ca.
      Host                           acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com
      Port                           5432
      Database name                  plumbline
      Username                       tableau
      Use a secure connection (SSL)  yes
      SSL Mode                       verify-full
      SSL Root Certificate (PEM)     the downloaded file

    Excel (verify-full)
      1. Install psqlODBC, 64 bit (https://odbc.postgresql.org), and write the full path of the downloaded certificates after sslrootcert=.
      2. Data > Get Data > From Other Sources > From ODBC > Advanced options: paste the line as the connection string; give user name and password under "Database".
      3. An old driver that does not know pqopt checks the authority only, with SSLmode=verify-ca, Server= the proxy address and the certificates as %APPDATA%\\postgresql\\root.crt.
      Driver={PostgreSQL Unicode(x64)};Server=acme.cluster-c0123456789.eu-central-1.rds.amazonaws.com;Port=5432;Database=plumbline;SSLmode=verify-full;pqopt={hostaddr=198.51.100.7 sslrootcert=eu-central-1-bundle.pem};ReadOnly=1
    "
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

import type { Plan } from '../plan/plan.ts';

/** How much a tool can make sure of before it sends the password. */
export type TlsMode =
  /** Encrypted, signed by Amazon's authority, and for this database's own name. */
  | 'verify-full'
  /** Encrypted and signed by Amazon's authority: any database of Amazon RDS in the region. */
  | 'verify-ca';

export interface ToolConnection {
  readonly tool: 'psql' | 'Tableau' | 'Power BI' | 'Metabase' | 'Excel';
  /** The best the tool can do, when set up as `steps` say. */
  readonly tls: TlsMode;
  /** Field of the tool's own form → what to put there. Never a password. */
  readonly fields: Readonly<Record<string, string>>;
  /** To be pasted whole, where the tool takes a line of text. */
  readonly paste: string | undefined;
  /** What has to be done before, in order. */
  readonly steps: readonly string[];
}

export interface ConnectionDetails {
  readonly user: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly schemas: readonly string[];
  /** Amazon's certificates of the region, to be downloaded once. */
  readonly certificates: string;
  /** For `hosts` of machines whose tools cannot take a name and an address. */
  readonly hostsLine: string;
  /** The command that shows the password, to whoever may read the secret. */
  readonly password: string;
  readonly tools: readonly ToolConnection[];
}

export interface ConnectionOptions {
  readonly plan: Plan;
  /** A name of `plan.access.users`. */
  readonly user: string;
  /** Stack output `ProxyAddress`. */
  readonly proxyAddress: string;
  /** Stack output `DatabaseEndpoint`: the name in the database's certificate. */
  readonly databaseHost: string;
  /** ARN or name of the user's secret, of stack output `UserSecrets`. */
  readonly secret: string;
  /** Default 5432. */
  readonly port?: number;
  /** Where the certificates were saved; default a file of that name in the current folder. */
  readonly certificatesFile?: string;
}

/**
 * How each tool is told to connect. The TLS session goes through the proxy to the database, whose
 * certificate carries the database's own name; so a tool must connect to the proxy's address and
 * check for that name. psql and ODBC take both; for the others a line in the machine's `hosts` file
 * makes the name lead to the proxy.
 */
export function connectionDetails(options: ConnectionOptions): ConnectionDetails {
  const { plan, user, proxyAddress: address, databaseHost: host, port = 5432 } = options;
  const bundle = `${plan.region}-bundle.pem`;
  const common: Common = {
    user,
    host,
    address,
    port,
    database: plan.database.databaseName,
    file: options.certificatesFile ?? bundle,
  };
  return {
    user,
    host,
    address,
    port,
    database: common.database,
    schemas: plan.access.users.find(({ name }) => name === user)?.schemas ?? [],
    certificates: `https://truststore.pki.rds.amazonaws.com/${plan.region}/${bundle}`,
    hostsLine: `${address} ${host}`,
    password: `aws secretsmanager get-secret-value --region ${plan.region} --secret-id '${options.secret}' --query SecretString --output text`,
    tools: [psql(common), tableau(common), powerBi(common), metabase(common), excel(common)],
  };
}

interface Common {
  readonly user: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly file: string;
}

function psql({ user, host, address, port, database, file }: Common): ToolConnection {
  const fields = {
    host,
    hostaddr: address,
    port: String(port),
    dbname: database,
    user,
    sslmode: 'verify-full',
    sslrootcert: file,
  };
  const words = Object.entries(fields).map(([name, value]) => `${name}=${quoteConninfo(value)}`);
  return {
    tool: 'psql',
    tls: 'verify-full',
    fields,
    paste: `psql "${words.join(' ')}"`,
    steps: ['Download the certificates.'],
  };
}

/** https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function quoteConninfo(value: string): string {
  return /^[\w./:-]+$/u.test(value) ? value : `'${value.replaceAll(/['\\]/gu, String.raw`\$&`)}'`;
}

const byHosts =
  'Add the hosts line to the machine that connects (Windows: C:\\Windows\\System32\\drivers\\etc\\hosts, elsewhere /etc/hosts), or to your own DNS.';

/** https://help.tableau.com/current/pro/desktop/en-us/jdbc_ssl_config.htm */
function tableau({ user, host, port, database }: Common): ToolConnection {
  return {
    tool: 'Tableau',
    // It asks the system whom to trust; that it compares the name too is nowhere promised.
    tls: 'verify-ca',
    fields: {
      Server: host,
      Port: String(port),
      Database: database,
      Authentication: 'Username and Password',
      Username: user,
      'Require SSL': 'yes',
    },
    paste: undefined,
    steps: [
      byHosts,
      'Have the certificates trusted by the machine: on Windows import each certificate of the bundle into "Trusted Root Certification Authorities" of the local machine, on a Mac into the System keychain.',
      'Connect > To a Server > PostgreSQL. Tableau Cloud reaches it through Tableau Bridge on such a machine.',
    ],
  };
}

/** Power BI brings Npgsql, which asks Windows whether a certificate is to be trusted. */
function powerBi({ user, host, port, database }: Common): ToolConnection {
  return {
    tool: 'Power BI',
    tls: 'verify-full',
    fields: {
      Server: `${host}:${port}`,
      Database: database,
      'Data Connectivity mode': 'Import',
      'Authentication kind': 'Database',
      'User name': user,
      'Encrypt connection': 'yes',
    },
    paste: `PostgreSQL.Database("${host}:${port}", "${database}")`,
    steps: [
      byHosts,
      'Import each certificate of the bundle into "Trusted Root Certification Authorities" of the local machine (certlm.msc).',
      'Get data > PostgreSQL database. The Power BI service refreshes through an on-premises data gateway, which needs the same two steps.',
    ],
  };
}

/** https://www.metabase.com/docs/latest/databases/connections/postgresql */
function metabase({ user, host, port, database }: Common): ToolConnection {
  return {
    tool: 'Metabase',
    tls: 'verify-full',
    fields: {
      Host: host,
      Port: String(port),
      'Database name': database,
      Username: user,
      'Use a secure connection (SSL)': 'yes',
      'SSL Mode': 'verify-full',
      'SSL Root Certificate (PEM)': 'the downloaded file',
    },
    paste: undefined,
    steps: [
      'Add the hosts line to the server Metabase runs on; for a container: docker run --add-host.',
      'Without that line: put the proxy address into Host and choose verify-ca.',
    ],
  };
}

/** psqlODBC passes what stands in `pqopt` on to libpq, so that it can do what psql can. */
function excel({ user, host, address, port, database, file }: Common): ToolConnection {
  const further = `hostaddr=${address} sslrootcert=${quoteConninfo(file)}`;
  return {
    tool: 'Excel',
    tls: 'verify-full',
    fields: { Driver: 'PostgreSQL Unicode(x64)', 'User name': user },
    paste: `Driver={PostgreSQL Unicode(x64)};Server=${host};Port=${port};Database=${database};SSLmode=verify-full;pqopt={${further}};ReadOnly=1`,
    steps: [
      'Install psqlODBC, 64 bit (https://odbc.postgresql.org), and write the full path of the downloaded certificates after sslrootcert=.',
      'Data > Get Data > From Other Sources > From ODBC > Advanced options: paste the line as the connection string; give user name and password under "Database".',
      'An old driver that does not know pqopt checks the authority only, with SSLmode=verify-ca, Server= the proxy address and the certificates as %APPDATA%\\postgresql\\root.crt.',
    ],
  };
}

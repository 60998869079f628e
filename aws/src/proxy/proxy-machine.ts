/** Where things are on the machine that runs nginx. Tests name other paths and free ports. */
export interface ProxyMachine {
  /** Pattern of the files that load nginx's dynamic modules; `stream` is one on both systems. */
  readonly modules: string;
  /** Whom the workers run as; undefined leaves it to nginx, as for a master that is not root. */
  readonly user: string | undefined;
  readonly pidFile: string;
  /** Holds `plumbline-allow.conf` and what nginx brings, such as `mime.types`. */
  readonly configFolder: string;
  /** Holds `fullchain.pem` and `privkey.pem`. */
  readonly certificateFolder: string;
  /** Holds the page that is shown while the dashboards are away. */
  readonly pageFolder: string;
  /** For bodies and answers too large for memory; undefined: where nginx was built to have them. */
  readonly temporaryFolder: string | undefined;
  /** A file, or `syslog:…` as nginx writes it. */
  readonly accessLog: string;
  readonly errorLog: string;
  /** Of the DNS server; a port may follow. */
  readonly resolver: string;
  /** How long an address of the database is believed, whatever the answer's own TTL. */
  readonly resolverSeconds: number;
  readonly listenAddress: string;
  readonly databasePort: number;
  readonly pagesPort: number;
  /** Of Postgres behind the proxy. */
  readonly upstreamPort: number;
  /** Of the dashboards on this machine. */
  readonly dashboardsPort: number;
}

const journal = 'syslog:server=unix:/dev/log,nohostname,tag=plumbline_proxy';

/**
 * Amazon Linux 2023. The resolver is the VPC's own, at the same link-local address in every VPC
 * (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html); 5 s is the TTL of an
 * Aurora endpoint, so a failover is followed as soon as it can be seen.
 */
export const amazonLinux: ProxyMachine = {
  modules: '/usr/share/nginx/modules/*.conf',
  user: 'nginx',
  pidFile: '/run/nginx.pid',
  configFolder: '/etc/nginx',
  certificateFolder: '/etc/plumbline/tls',
  pageFolder: '/opt/plumbline/pages',
  temporaryFolder: undefined,
  accessLog: journal,
  errorLog: journal,
  resolver: '169.254.169.253',
  resolverSeconds: 5,
  listenAddress: '0.0.0.0',
  databasePort: 5432,
  pagesPort: 443,
  upstreamPort: 5432,
  dashboardsPort: 7777,
};

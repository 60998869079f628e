import type { Plan } from '../plan/plan.ts';
import type { ProxyMachine } from './proxy-machine.ts';
import type { ProxyRefs } from './proxy-refs.ts';
import { startingPageFile, startingPageHeaders } from './starting-page.ts';

/** The list of addresses, in a file of its own: `stream` and `http` cannot come to differ. */
export const allowListFile = 'plumbline-allow.conf';

export interface NginxConfigOptions {
  readonly plan: Plan;
  readonly refs: ProxyRefs;
  readonly machine: ProxyMachine;
}

/** The name under which the pages are reached: the domain, or the proxy's own address. */
export function pagesName(plan: Plan, refs: ProxyRefs): string {
  return plan.proxy.domain ?? refs.proxyAddress;
}

/** `allow` for each entry with whose it is, and nobody else. An empty list lets nobody in. */
export function createAllowList(plan: Plan): string {
  const lines = plan.access.allow.map(
    // A note is free text: nothing of it may become a directive.
    ({ cidr, note }) => `allow ${cidr}; # ${note.replaceAll(/\p{Cc}+/gu, ' ').trim()}`.trimEnd(),
  );
  return `${['# Made from the plan: change the settings and deploy.', ...lines, 'deny all;'].join('\n')}\n`;
}

/**
 * The whole `nginx.conf`. Written for nginx 1.22 (Debian 12) up to 1.28 (Amazon Linux 2023): `http2`
 * is a word of `listen`, which both take (1.25.1 and later would rather have a directive that 1.22
 * refuses).
 */
export function createNginxConfig(options: NginxConfigOptions): string {
  const { plan, machine } = options;
  const connections = Math.max(1024, 4 * plan.proxy.databaseConnectionsMax);
  return `# Made from the plan of ${plan.name}: change the settings and deploy.
${machine.user === undefined ? '' : `user ${machine.user};\n`}worker_processes auto;
worker_rlimit_nofile ${2 * connections};
# A reload (a new certificate) leaves open sessions of BI tools alone for up to a working day.
worker_shutdown_timeout 12h;
pid ${machine.pidFile};
error_log ${machine.errorLog} warn;
include ${machine.modules};

events {
    worker_connections ${connections};
}

${streamBlock(options)}
${httpBlock(options)}`;
}

/** Minutes as nginx writes times; parts of a minute are only used where it must go fast. */
function duration(minutes: number): string {
  return Number.isInteger(minutes) ? `${minutes}m` : `${Math.round(minutes * 60_000)}ms`;
}

const resolver = ({ resolver: server, resolverSeconds }: ProxyMachine): string =>
  `resolver ${server} valid=${resolverSeconds}s ipv6=off;
    resolver_timeout 5s;`;

/**
 * Postgres. TLS is not ended here: it goes through to the database, whose certificate the BI tool
 * checks. The address is asked for again at each connection, because it stands in a variable.
 */
function streamBlock({ plan, refs, machine }: NginxConfigOptions): string {
  const { databaseConnectionsMax, databaseConnectionsPerAddress, databaseIdleMinutes } = plan.proxy;
  return `stream {
    ${resolver(machine)}
    log_format sessions '$remote_addr database status=$status sent=$bytes_sent received=$bytes_received seconds=$session_time';
    access_log ${machine.accessLog} sessions;

    limit_conn_zone $binary_remote_addr zone=database_address:1m;
    limit_conn_zone $server_port zone=database_all:64k;
    limit_conn_log_level warn;

    server {
        # A client that vanished is noticed after two minutes, and its place given to another.
        listen ${machine.listenAddress}:${machine.databasePort} so_keepalive=60s:15s:4;
        include ${machine.configFolder}/${allowListFile};
        limit_conn database_address ${databaseConnectionsPerAddress};
        limit_conn database_all ${databaseConnectionsMax};

        # In a variable, so that it is resolved again: an upstream named here directly is resolved
        # once, at start, and a failover would leave the proxy with the old writer.
        set $database "${refs.databaseHost}:${machine.upstreamPort}";
        proxy_pass $database;
        # A database that was paused for a day takes 30 s to answer.
        proxy_connect_timeout 60s;
        proxy_socket_keepalive on;
        # Sessions that say nothing are closed, so that the database can pause.
        proxy_timeout ${duration(databaseIdleMinutes)};
    }
}
`;
}

function httpBlock(options: NginxConfigOptions): string {
  const { plan, machine } = options;
  const { requestsPerSecond } = plan.proxy;
  return `http {
    include ${machine.configFolder}/mime.types;
    default_type application/octet-stream;
${temporaryPaths(machine)}    # Without the query: it can hold names of clients, which filters are made of.
    log_format requests '$remote_addr "$request_method $uri" status=$status sent=$body_bytes_sent seconds=$request_time';
    access_log ${machine.accessLog} requests;
    server_tokens off;
    sendfile on;
    keepalive_timeout 60s;
    client_header_timeout 10s;
    client_body_timeout 10s;
    send_timeout 30s;
    client_max_body_size 1m;
    large_client_header_buffers 4 8k;

    gzip on;
    gzip_proxied any;
    gzip_vary on;
    gzip_min_length 1024;
    gzip_types text/css text/plain text/csv text/javascript application/javascript application/json image/svg+xml font/ttf;

    limit_req_zone $binary_remote_addr zone=pages:1m rate=${requestsPerSecond}r/s;
    limit_req_status 429;
    limit_req_log_level warn;

    # What browsers of the last eight years speak (Mozilla's intermediate profile, 5.7).
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:pages_tls:1m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;

    upstream dashboards {
        server 127.0.0.1:${machine.dashboardsPort};
        keepalive 8;
        # Shorter than the five seconds after which Node closes an idle connection.
        keepalive_timeout 4s;
    }

${otherHosts(options)}
${pages(options)}}
`;
}

function temporaryPaths({ temporaryFolder }: ProxyMachine): string {
  if (temporaryFolder === undefined) return '';
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `    ${kind}_temp_path ${temporaryFolder}/${kind};\n`)
    .join('');
}

const certificate = ({ certificateFolder }: ProxyMachine): string =>
  `        ssl_certificate ${certificateFolder}/fullchain.pem;
        ssl_certificate_key ${certificateFolder}/privkey.pem;
`;

/**
 * What is asked for under another name. Where there is a domain, TLS does not even begin; a client
 * that asks for a bare address names nobody in TLS, so there the certificate must be shown.
 */
function otherHosts({ plan, machine }: NginxConfigOptions): string {
  const tls =
    plan.proxy.domain === undefined ? certificate(machine) : '        ssl_reject_handshake on;\n';
  return `    server {
        listen ${machine.listenAddress}:${machine.pagesPort} ssl http2 default_server;
        server_name _;
${tls}        return 421;
    }
`;
}

function pages({ plan, refs, machine }: NginxConfigOptions): string {
  const { requestsPerSecond } = plan.proxy;
  // A browser would hold a name to HTTPS for a year; of a certificate it does not trust it may not.
  const hsts =
    plan.proxy.certificate.kind === 'self-signed'
      ? ''
      : 'add_header Strict-Transport-Security "max-age=31536000" always;';
  const line = (text: string): string => (text === '' ? '' : `        ${text}\n`);
  return `    server {
        listen ${machine.listenAddress}:${machine.pagesPort} ssl http2;
        server_name ${pagesName(plan, refs)};
${certificate(machine)}        include ${machine.configFolder}/${allowListFile};
        limit_req zone=pages burst=${10 * requestsPerSecond} nodelay;
${line(hsts)}        error_page 429 @too_many;
        error_page 502 =503 /${startingPageFile};
        error_page 504 @too_slow;

        location / {
            proxy_pass http://dashboards;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            # Set, not added to: what a client claims about itself is not passed on.
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header Forwarded "";
            proxy_connect_timeout 5s;
            # A paused database takes 15 to 30 s to wake, a statement 30 s at most.
            proxy_read_timeout 120s;
        }
        location = /${startingPageFile} {
            internal;
            root ${machine.pageFolder};
            charset utf-8;
${[hsts, ...startingPageHeaders(plan.company)].map((header) => (header === '' ? '' : `            ${header}\n`)).join('')}        }
        location @too_many {
            default_type text/plain;
            add_header Retry-After 1 always;
            return 429 "More than ${requestsPerSecond} requests a second came from your address. Wait a moment, then load the page again.\\n";
        }
        location @too_slow {
            default_type text/plain;
            return 504 "The dashboards took longer than two minutes to answer. Try a shorter period.\\n";
        }
    }
`;
}

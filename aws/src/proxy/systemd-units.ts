import type { Plan } from '../plan/plan.ts';

/** Unit files by name, for `/etc/systemd/system`. */
export function createUnits(plan: Plan): Readonly<Record<string, string>> {
  return {
    'plumbline-dashboards.service': dashboards,
    'nginx.service.d/plumbline.conf': nginx,
    ...job({
      name: 'plumbline-health',
      description: 'Look whether the proxy and the dashboards are well',
      script: '/opt/plumbline/bin/health',
      timer: 'OnBootSec=5min\nOnUnitActiveSec=1min\nAccuracySec=10s',
    }),
    ...job({
      name: 'plumbline-certificate',
      description: 'Obtain or renew the certificate of the pages',
      script: '/opt/plumbline/bin/certificate',
      // Authorities ask to be spared the full hour, and count failures by the hour.
      timer: 'OnBootSec=30min\nOnUnitActiveSec=6h\nRandomizedDelaySec=30min',
    }),
    ...job({
      name: 'plumbline-updates',
      description: 'Install security updates, and restart what they concern',
      script: '/opt/plumbline/bin/updates',
      timer: `OnCalendar=*-*-* 03:30:00 ${plan.zone}\nRandomizedDelaySec=15min\nPersistent=true`,
    }),
  };
}

/** Timers, to be enabled beside the services. */
export const timers = [
  'plumbline-health.timer',
  'plumbline-certificate.timer',
  'plumbline-updates.timer',
] as const;

/**
 * Node gets 60 % of the machine's memory: the rest is for nginx and the system, whatever the
 * instance type. V8 measures its heap by that limit. It may write nothing and see no home, no
 * device, no other process.
 */
const dashboards = `[Unit]
Description=Plumbline dashboards
Documentation=https://github.com/plumbline/plumbline/blob/main/docs/aws-proxy.md
Wants=network-online.target
After=network-online.target
Before=nginx.service
StartLimitIntervalSec=0

[Service]
Type=exec
User=plumbline
Group=plumbline
EnvironmentFile=/etc/plumbline/dashboards.env
WorkingDirectory=/opt/plumbline/web/current
ExecStart=/usr/bin/node-24 index.mjs
Restart=always
RestartSec=3
TimeoutStopSec=20
MemoryHigh=50%
MemoryMax=60%
TasksMax=256
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
LockPersonality=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;

/**
 * nginx stands between the internet and the machine's role: it has no business with the instance
 * metadata, which hands out that role's credentials.
 */
const nginx = `[Unit]
Wants=network-online.target
After=network-online.target

[Service]
Restart=always
RestartSec=3
IPAddressDeny=169.254.169.254 fd00:ec2::254
PrivateTmp=yes
PrivateDevices=yes
ProtectHome=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
`;

interface Job {
  readonly name: string;
  readonly description: string;
  readonly script: string;
  readonly timer: string;
}

function job({ name, description, script, timer }: Job): Readonly<Record<string, string>> {
  return {
    [`${name}.service`]: `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${script}
TimeoutStartSec=30min
`,
    [`${name}.timer`]: `[Unit]
Description=${description}

[Timer]
${timer}

[Install]
WantedBy=timers.target
`,
  };
}

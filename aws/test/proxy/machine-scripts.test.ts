import { spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Plan } from '../../src/plan/plan.ts';
import { createCertificateScript } from '../../src/proxy/certificate-script.ts';
import { createProxyFiles } from '../../src/proxy/create-proxy-files.ts';
import { createHealthScript, createUpdatesScript } from '../../src/proxy/machine-scripts.ts';
import type { Certificate } from '../helpers/certificates.ts';
import { createAuthority } from '../helpers/certificates.ts';
import { planWith, refs, variants } from './plans.ts';

let folder: string;
let certificates: readonly Certificate[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-scripts-'));
  const authority = await createAuthority();
  certificates = await Promise.all([1, 2].map(() => authority.issue(['dashboards.example.com'])));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A root folder and commands that write down how they were called, then do what `stubs` say. */
async function createMachine(stubs: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(folder, 'root-'));
  const bin = join(root, 'stub-bin');
  for (const path of [bin, join(root, 'run'), join(root, 'etc/plumbline/tls')]) {
    await mkdir(path, { recursive: true });
  }
  const write = (name: string, body: string): Promise<void> =>
    writeFile(
      join(bin, name),
      `#!/bin/bash\necho "${name} $*" >>"$PLUMBLINE_ROOT/calls"\n${body}\n`,
      { mode: 0o755 },
    );
  const all = { systemctl: '', nginx: '', 'node-24': `exec '${process.execPath}' "$@"`, ...stubs };
  for (const [name, body] of Object.entries(all)) await write(name, body);
  await writeFile(join(root, 'calls'), '');
  return {
    root,
    write,
    run: (script: string, environment: Readonly<Record<string, string>> = {}) =>
      spawnSync('bash', ['-s'], {
        input: script,
        encoding: 'utf8',
        env: {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          PLUMBLINE_ROOT: root,
          ...environment,
        },
      }),
    /** What was called since one last asked. */
    calls: async () => {
      const calls = await readFile(join(root, 'calls'), 'utf8');
      await writeFile(join(root, 'calls'), '');
      return calls;
    },
    installed: (name = 'fullchain') =>
      readFile(join(root, `etc/plumbline/tls/${name}.pem`), 'utf8'),
  };
}

const acmPlan = variants.get('ACM') as Plan; // It is in the table.

describe('a certificate of ACM', () => {
  const passphrase = `s3cret & "quoted"`;

  /** What ACM gives: the certificate, its chain, and the key encrypted by the passphrase. */
  async function exported(root: string, chain: Certificate, key: Certificate): Promise<void> {
    const { stdout } = spawnSync(
      'openssl',
      ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${passphrase}`],
      { input: key.key, encoding: 'utf8' },
    );
    const answer = {
      Certificate: chain.certificate,
      CertificateChain: certificates[0]?.certificate,
      PrivateKey: stdout,
    };
    await writeFile(join(root, 'exported.json'), JSON.stringify(answer));
  }
  const aws = `case "$1 $2" in
"secretsmanager get-secret-value") printf '%s\\n' '${passphrase}' ;;
"acm export-certificate")
  for word in "$@"; do case "$word" in fileb://*) cmp -s "\${word#fileb://}" <(printf %s '${passphrase}') || exit 9 ;; esac; done
  cat "$PLUMBLINE_ROOT/exported.json" ;;
esac`;

  test('is fetched with its key; nothing happens until it is another', async () => {
    const [first, second] = certificates as [Certificate, Certificate]; // Two were issued.
    const machine = await createMachine({ aws });
    const script = createCertificateScript(acmPlan, refs);
    await exported(machine.root, first, first);
    expect(machine.run(script)).toMatchObject({ status: 0, stderr: '' });
    expect(await machine.installed()).toContain(first.certificate.trim());
    expect(new X509Certificate(await machine.installed()).subject).toBe(
      'CN=dashboards.example.com',
    );
    const calls = await machine.calls();
    expect(calls).toContain('systemctl reload nginx');
    // Arguments are there for every user of the machine to see.
    expect(calls).not.toContain(passphrase);

    expect(machine.run(script).status).toBe(0);
    expect(await machine.calls()).not.toContain('reload');

    await exported(machine.root, second, second);
    expect(machine.run(script).status).toBe(0);
    expect(await machine.installed()).toContain(second.certificate.trim());
    expect(await machine.calls()).toContain('systemctl reload nginx');
  });

  test('whose key is another’s is not put in place', async () => {
    const [first, second] = certificates as [Certificate, Certificate]; // Two were issued.
    const machine = await createMachine({ aws });
    const script = createCertificateScript(acmPlan, refs);
    await exported(machine.root, first, first);
    expect(machine.run(script).status).toBe(0);
    const before = await machine.installed();
    await exported(machine.root, second, first);
    expect(machine.run(script)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the key does not belong to the new certificate'),
    });
    expect(await machine.installed()).toBe(before);
  });

  test('which nginx refuses leaves the old one in place', async () => {
    const [first, second] = certificates as [Certificate, Certificate]; // Two were issued.
    const machine = await createMachine({ aws });
    const script = createCertificateScript(acmPlan, refs);
    await exported(machine.root, first, first);
    expect(machine.run(script).status).toBe(0);
    const before = [await machine.installed(), await machine.installed('privkey')];
    await machine.calls();
    await machine.write('nginx', 'exit 1');
    await exported(machine.root, second, second);
    expect(machine.run(script)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nginx refuses the new certificate'),
    });
    expect([await machine.installed(), await machine.installed('privkey')]).toEqual(before);
    expect(await machine.calls()).not.toContain('reload');
  });

  test('that cannot be had leaves a temporary one, so that nginx starts', async () => {
    const machine = await createMachine({ aws: 'echo "AccessDeniedException" >&2; exit 254' });
    const { status, stderr } = machine.run(createCertificateScript(acmPlan, refs));
    expect([status === 0, stderr]).toEqual([false, expect.stringContaining('AccessDenied')]);
    const temporary = new X509Certificate(await machine.installed());
    expect(temporary.subjectAltName).toBe('DNS:dashboards.example.com');
  });
});

test("a certificate of Let's Encrypt is asked for by DNS, without port 80", async () => {
  const [first] = certificates;
  const machine = await createMachine({
    'python3.12': `mkdir -p "$3/bin"; cp "$PLUMBLINE_ROOT/certbot" "$3/bin/certbot"; cp "$PLUMBLINE_ROOT/stub-bin/nginx" "$3/bin/pip"`,
  });
  const live = join(machine.root, 'etc/letsencrypt/live/plumbline');
  await mkdir(live, { recursive: true });
  await writeFile(join(live, 'fullchain.pem'), first?.certificate ?? '');
  await writeFile(join(live, 'privkey.pem'), first?.key ?? '');
  await writeFile(
    join(machine.root, 'certbot'),
    `#!/bin/bash\necho "certbot $*" >>"$PLUMBLINE_ROOT/calls"\n`,
    { mode: 0o755 },
  );
  const script = createCertificateScript(planWith(), refs);
  expect(machine.run(script)).toMatchObject({ status: 0, stderr: '' });
  expect(await machine.installed()).toBe(first?.certificate);
  const calls = await machine.calls();
  expect(calls).toMatch(
    /^certbot certonly .*--email it@example\.com --dns-route53 .*--domain dashboards\.example\.com .*--keep-until-expiring/mu,
  );
  expect(calls).toMatch(
    /install .*--only-binary :all: certbot==5\.8\.0 certbot-dns-route53==5\.8\.0/u,
  );
  expect(machine.run(script).status).toBe(0);
  expect(await machine.calls()).not.toMatch(/python3|install|reload/u);
});

test('a self-signed certificate is made for the address, and anew before it ends', async () => {
  const plan = planWith({ proxy: { domain: undefined, certificate: { kind: 'self-signed' } } });
  const machine = await createMachine({});
  const script = createCertificateScript(plan, refs);
  expect(machine.run(script).status).toBe(0);
  const first = await machine.installed();
  expect(new X509Certificate(first).subjectAltName).toBe(`IP Address:${refs.proxyAddress}`);
  expect(machine.run(script).status).toBe(0);
  expect(await machine.installed()).toBe(first);
  const ending = join(machine.root, 'etc/plumbline/tls');
  spawnSync('bash', [
    '-c',
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 20 -subj /CN=x -keyout '${ending}/privkey.pem' -out '${ending}/fullchain.pem'`,
  ]);
  expect(machine.run(script).status).toBe(0);
  const left = new X509Certificate(await machine.installed()).validToDate.getTime() - Date.now();
  expect(left).toBeGreaterThan(390 * 86_400_000);
});

describe('health', () => {
  /** The script with its curl sent to a server of the test's own. */
  async function look(machine: Awaited<ReturnType<typeof createMachine>>, port: number) {
    const curl = spawnSync('bash', ['-c', 'command -v curl'], { encoding: 'utf8' }).stdout.trim();
    await machine.write(
      'curl',
      `exec '${curl}' "\${@/http:\\/\\/127.0.0.1:7777/http://127.0.0.1:${port}}"`,
    );
    const script = createHealthScript(planWith(), refs);
    const file = join(machine.root, 'health');
    await writeFile(file, script, { mode: 0o755 });
    // Not `spawnSync`: this process answers as the dashboards.
    const child = spawn('bash', [file], {
      env: {
        PATH: `${machine.root}/stub-bin:${process.env['PATH'] ?? ''}`,
        PLUMBLINE_ROOT: machine.root,
      },
    });
    const exit = once(child, 'exit');
    const stderr = await text(child.stderr);
    const [status] = await exit;
    return { status, stderr };
  }

  test('is good when the dashboards answer for their name, and says what is not', async () => {
    const hosts: (string | undefined)[] = [];
    const server = http.createServer((request, response) => {
      hosts.push(request.headers.host);
      response.writeHead(302, { location: '/dashboards/sales' }).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const machine = await createMachine({ df: 'printf "Use%%\\n 12%%\\n"' });
    const self = planWith({ proxy: { certificate: { kind: 'self-signed' } } });
    expect(machine.run(createCertificateScript(self, refs)).status).toBe(0);
    try {
      expect(await look(machine, port)).toEqual({ status: 0, stderr: '' });
      expect(hosts).toEqual(['dashboards.example.com']);

      await machine.write('df', 'printf "Use%%\\n 95%%\\n"');
      await machine.write('systemctl', '[ "$1" != is-active ]');
      await rm(join(machine.root, 'etc/plumbline/tls/fullchain.pem'));
      const { status, stderr } = await look(machine, port);
      expect(status).toBe(1);
      for (const said of ['nginx is not running', 'certificate ends', 'disk is 95 % full']) {
        expect(stderr).toContain(said);
      }
    } finally {
      server.close();
    }
  });

  test('dashboards that do not answer three times are started anew', async () => {
    const machine = await createMachine({ df: 'printf "Use%%\\n 12%%\\n"' });
    for (const restarts of [false, false, true, false]) {
      expect((await look(machine, 1)).stderr).toContain('the dashboards do not answer');
      const calls = await machine.calls();
      expect(calls.includes('systemctl restart plumbline-dashboards')).toBe(restarts);
    }
  });
});

describe('security updates', () => {
  const dnf = (needsRestarting: string): string =>
    `case "$*" in *--help*) exit 0 ;; *needs-restarting*) ${needsRestarting} ;; *upgrade*) touch "$PLUMBLINE_ROOT/upgraded" ;; esac`;
  /** Nginx is another version once `dnf upgrade` ran. */
  const rpm = `if [ "$2" = nginx ] && [ -e "$PLUMBLINE_ROOT/upgraded" ]; then echo nginx-1.28.2; else echo "$2-1.0"; fi`;

  test.each([
    ['restart what changed and nothing else', dnf('exit 0'), 'systemctl restart nginx'],
    ['restart the machine when something asks for it', dnf('exit 1'), 'systemctl reboot'],
    [
      'restart no machine that cannot tell',
      `${dnf('exit 1')}\ncase "$*" in *needs-restarting*) exit 1 ;; esac`.replace(
        '*--help*) exit 0',
        '*--help*) exit 1',
      ),
      'systemctl restart nginx',
    ],
  ])('%s', async (_, dnfStub, expected) => {
    const machine = await createMachine({ dnf: dnfStub, rpm });
    expect(machine.run(createUpdatesScript()).status).toBe(0);
    const calls = await machine.calls();
    expect(calls).toContain('dnf --assumeyes --quiet --releasever=latest upgrade --security');
    expect(calls.split('\n').filter((call) => call.startsWith('systemctl'))).toEqual([expected]);
  });
});

test('systemd takes every unit', async () => {
  if (spawnSync('systemd-analyze', ['--version']).error !== undefined) {
    process.stdout.write('SKIP: systemd-analyze is not here\n');
    return;
  }
  const root = await mkdtemp(join(folder, 'units-'));
  const units = createProxyFiles(planWith(), refs).filter(({ path }) =>
    path.startsWith('/etc/systemd/system/plumbline'),
  );
  expect(units).toHaveLength(7);
  const files = await Promise.all(
    units.map(async ({ path, content }) => {
      const file = join(root, path.split('/').at(-1) ?? '');
      await writeFile(file, content);
      return file;
    }),
  );
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8',
  });
  // The commands themselves are on the proxy only.
  const complaints = stderr
    .split('\n')
    .filter((line) => line.includes('plumbline') && !/is not executable: No such file/u.test(line));
  expect(complaints).toEqual([]);
  const calendar = spawnSync('systemd-analyze', ['calendar', '*-*-* 03:30:00 Europe/Vienna']);
  expect(calendar.status).toBe(0);
});

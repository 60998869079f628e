import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createProxyFiles } from '../../src/proxy/create-proxy-files.ts';
import { createUserData, userDataBytesMax } from '../../src/proxy/create-user-data.ts';
import { digestFolder } from '../../src/proxy/digest-folder.ts';
import type { ProxyRefs } from '../../src/proxy/proxy-refs.ts';
import { planWith, refs, variants } from './plans.ts';

let folder: string;
let web: string;
let webRefs: ProxyRefs;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plumbline-proxy-'));
  web = join(folder, 'web');
  await mkdir(join(web, 'assets/ä b'), { recursive: true });
  await writeFile(join(web, 'index.mjs'), 'console.log(1)\n');
  await writeFile(join(web, 'assets/ä b/Z.css'), 'a{}');
  await writeFile(join(web, 'assets.txt'), '');
  webRefs = { ...refs, webDigest: digestFolder(web) };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The script that stands compressed in the user data. */
function setupOf(userData: string): string {
  const [, packed = ''] = /--decode <<'END'[^\n]*\n([\s\S]*?)\nEND\n/u.exec(userData) ?? [];
  return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}

const run = (command: string, args: readonly string[], options: object = {}) =>
  spawnSync(command, args, { encoding: 'utf8', ...options });

describe.each([...variants])('%s', (_, plan) => {
  test('user data fits into EC2, is plain ASCII and the same each time', () => {
    const userData = createUserData(plan, refs);
    expect(Buffer.byteLength(userData)).toBeLessThanOrEqual(userDataBytesMax);
    expect(userData).toMatch(/^[\n -~]*$/u);
    expect(createUserData(plan, refs)).toBe(userData);
  });

  test('every script is one bash can read', async () => {
    const userData = createUserData(plan, refs);
    const [, bootstrap = ''] = /(#!\/bin\/bash[\s\S]*?)\n--plumbline/u.exec(userData) ?? [];
    const scripts = [
      bootstrap,
      setupOf(userData),
      ...createProxyFiles(plan, refs)
        .filter(({ content }) => content.startsWith('#!'))
        .map(({ content }) => content),
    ];
    expect(scripts).toHaveLength(5);
    for (const script of scripts) {
      const { status, stderr } = run('bash', ['-n'], { input: script });
      expect([status, stderr]).toEqual([0, '']);
    }
    shellcheck(scripts);
  });
});

function shellcheck(scripts: readonly string[]): void {
  if (run('shellcheck', ['--version']).error !== undefined) {
    process.stdout.write('SKIP: shellcheck is not here\n');
    return;
  }
  for (const script of scripts) {
    const { stdout } = run('shellcheck', ['--severity=warning', '-'], { input: script });
    expect(stdout).toBe('');
  }
}

test('an allow-list too long for EC2 is refused with what to do', () => {
  const allow = Array.from({ length: 4000 }, (_, n) => ({
    cidr: `${1 + (n % 200)}.${n % 251}.${(n * 7919) % 256}.0/24`,
    note: `branch ${(n * 2_654_435_761) % 1_000_003}`,
  }));
  expect(() => createUserData(planWith({ allow }), refs)).toThrowError(
    expect.objectContaining({
      code: 'project-invalid',
      message: expect.stringContaining('the allow-list has 4000 entries'),
    }),
  );
});

test('references of the stack stand in readable lines, and nowhere in what is compressed', () => {
  const token = '${Token[Database.Endpoint.123]}';
  const userData = createUserData(planWith(), { ...refs, databaseHost: token });
  expect(userData).toContain(`\nPLUMBLINE_DATABASE_HOST='${token}'\n`);
  expect(setupOf(userData)).not.toContain('Token');
  for (const value of Object.values(refs))
    expect(setupOf(createUserData(planWith(), refs))).not.toContain(
      value === 'eu-central-1' ? "='eu-central-1'" : value,
    );
});

test('the digest of a folder is what the proxy computes with sha256sum', () => {
  const { stdout } = run(
    'bash',
    ['-c', 'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum'],
    { cwd: web },
  );
  expect(stdout.split(' ')[0]).toBe(webRefs.webDigest);
});

/** Commands of Amazon Linux that are not here or must not run, each writing down how it was called. */
async function createMachine(served: string) {
  const root = await mkdtemp(join(folder, 'root-'));
  const bin = join(root, 'stub-bin');
  await mkdir(bin);
  await mkdir(join(root, 'etc'));
  const stubs: Readonly<Record<string, string>> = {
    dnf: 'touch "$PLUMBLINE_ROOT/installed"',
    rpm: 'test -e "$PLUMBLINE_ROOT/installed"',
    useradd: '',
    id: 'exit 1',
    systemctl: '[ "$1" != is-active ]',
    nginx: '',
    awk: 'echo 4000000',
    swapon: '',
    // The archive is the folder itself: what matters is what comes out of it.
    aws: `if [ -e "$PLUMBLINE_ROOT/unreachable" ]; then rm "$PLUMBLINE_ROOT/unreachable"; exit 1; fi
printf '%s' '${served}' >"$7"`,
    unzip: 'cp -r "$(cat "$2")" "$4"',
    'python3.12': `mkdir -p "$3/bin"
printf '#!/bin/bash\\necho "certbot is not here" >&2\\nexit 1\\n' >"$3/bin/certbot"
cp "$3/bin/certbot" "$3/bin/pip"; printf '#!/bin/bash\\n' >"$3/bin/pip"; chmod +x "$3"/bin/*`,
  };
  for (const [name, body] of Object.entries(stubs)) {
    await writeFile(
      join(bin, name),
      `#!/bin/bash\necho "${name} $*" >>"$PLUMBLINE_ROOT/calls"\n${body}\n`,
    );
    await chmod(join(bin, name), 0o755);
  }
  return {
    root,
    setUp: (userData: string) => {
      const [, variables = ''] = /variables <<'END'\n([\s\S]*?)END\n/u.exec(userData) ?? [];
      mkdirSync(join(root, 'opt/plumbline'), { recursive: true });
      writeFileSync(join(root, 'opt/plumbline/variables'), variables);
      return run('bash', ['-s'], {
        input: setupOf(userData),
        env: {
          PATH: `${bin}:${process.env['PATH'] ?? ''}`,
          PLUMBLINE_ROOT: root,
          PLUMBLINE_RETRY_SECONDS: '0',
        },
      });
    },
    calls: async () => (await readFile(join(root, 'calls'), 'utf8')).split('\n'),
  };
}

describe('the set-up, run in a folder with stand-ins for the commands of Amazon Linux', () => {
  test('puts every file in place, with the values of the stack, and starts what it set up', async () => {
    const plan = planWith({ company: `"O'Brien" & <b>Sons</b>; $(reboot) \\ Ωμέγα` });
    const machine = await createMachine(web);
    await writeFile(join(machine.root, 'unreachable'), '');
    const { status, stdout, stderr } = machine.setUp(createUserData(plan, webRefs));
    expect([status, stdout]).toEqual([0, expect.stringContaining('the proxy is set up')]);
    for (const { path, mode, content } of createProxyFiles(plan, webRefs)) {
      expect(await readFile(join(machine.root, path), 'utf8')).toBe(content);
      expect(((await stat(join(machine.root, path))).mode & 0o777).toString(8)).toBe(mode.slice(1));
    }
    expect(await readFile(join(machine.root, 'opt/plumbline/web/current/index.mjs'), 'utf8')).toBe(
      'console.log(1)\n',
    );
    // The first download failed, and Let's Encrypt could not be reached: both are said.
    expect(stderr).toContain('attempt 1 of 8 failed: aws');
    expect(stderr).toContain('no certificate yet, browsers will warn');
    const calls = await machine.calls();
    expect(calls).toContain('systemctl restart plumbline-dashboards');
    expect(calls).toContain('nginx -t -q');
    expect(calls).toContain('systemctl disable --now sshd');
    const names = await readdir(join(machine.root, 'etc/plumbline/tls'));
    expect(names.sort()).toEqual(['fullchain.pem', 'privkey.pem']);
    const key = await stat(join(machine.root, 'etc/plumbline/tls/privkey.pem'));
    expect(key.mode & 0o077).toBe(0);
  });

  test('run again it installs and fetches nothing; new dashboards replace the old', async () => {
    const plan = planWith({ proxy: { certificate: { kind: 'self-signed' } } });
    const machine = await createMachine(web);
    expect(machine.setUp(createUserData(plan, webRefs)).status).toBe(0);
    const certificate = join(machine.root, 'etc/plumbline/tls/fullchain.pem');
    const first = await readFile(certificate, 'utf8');
    await rm(join(machine.root, 'calls'));
    expect(machine.setUp(createUserData(plan, webRefs)).status).toBe(0);
    const again = await machine.calls();
    expect(again.filter((call) => /^(?:dnf|aws|unzip) /u.test(call))).toEqual([]);
    expect(await readFile(certificate, 'utf8')).toBe(first);

    const changed = join(machine.root, 'changed');
    await cp(web, changed, { recursive: true });
    await writeFile(join(changed, 'index.mjs'), 'console.log(2)\n');
    const nextRefs = { ...webRefs, webDigest: digestFolder(changed) };
    await writeFile(
      join(machine.root, 'stub-bin/aws'),
      `#!/bin/bash\nprintf %s '${changed}' >"$7"`,
    );
    expect(machine.setUp(createUserData(plan, nextRefs)).status).toBe(0);
    const webFolder = join(machine.root, 'opt/plumbline/web');
    expect(await readFile(join(webFolder, 'current/index.mjs'), 'utf8')).toBe('console.log(2)\n');
    expect((await readdir(webFolder)).sort()).toEqual([nextRefs.webDigest, 'current'].sort());
  });

  test('dashboards that are not what was built are not run', async () => {
    const machine = await createMachine(web);
    const { status, stderr } = machine.setUp(createUserData(planWith(), refs));
    expect(status).toBe(1);
    expect(stderr).toContain(`have the digest ${webRefs.webDigest}, expected ${refs.webDigest}`);
    expect(await readdir(join(machine.root, 'opt/plumbline/web'))).toEqual([]);
    expect(await machine.calls()).not.toContain('systemctl restart plumbline-dashboards');
  });
});

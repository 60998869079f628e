import type { AccessChanges, AccessStep } from '../access/access-changes.ts';
import type { Access } from '../access/access.ts';
import type { Done } from './access.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Where users connect to. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** It runs only while a command uses it. */
  readonly embedded: boolean;
}

/** Who may read, and what has to be done for it. */
export function printAccess(
  changes: AccessChanges,
  how: {
    readonly terminal: Terminal;
    readonly command: string;
    readonly sql: boolean;
    readonly server: Server;
  },
): void {
  const { terminal, command, sql, server } = how;
  const { print, paint } = terminal;
  const { access, steps, notes } = changes;
  printDeclared(changes, terminal);
  print();
  if (steps.length === 0) {
    print(paint.good(`Database ${server.database} lets in these and nobody else.`));
  } else {
    print(paint.strong(`To do in database ${server.database}`));
    for (const step of steps) printStep(step, { terminal, sql });
  }
  for (const note of notes) print(`  ${paint.notice('!')} ${note}`);
  print();
  if (steps.length > 0) {
    print(`Nothing was changed. Apply it with ${paint.link(`\`${command} access --apply\``)}.`);
  } else printConnecting(access, { terminal, server });
}

function printDeclared({ access, withoutPassword }: AccessChanges, terminal: Terminal): void {
  const { print, paint } = terminal;
  if (access.users.length === 0) {
    print('No database users are declared: nobody but plumbline itself is to read.');
  } else {
    const rows = access.users.map(({ name, schemas, connections }) => [
      name,
      schemas.join(', '),
      String(connections),
      withoutPassword.includes(name) ? { text: 'cannot log in yet', paint: paint.notice } : '',
    ]);
    const columns = [
      { title: 'User' },
      { title: 'reads' },
      { title: 'connections', align: 'right' as const },
      { title: '' },
    ];
    for (const line of formatTable(columns, rows, paint.faint)) print(line);
  }
  print();
  if (access.allow.length === 0) {
    print('No addresses are allowed: on AWS nobody reaches the proxy.');
    return;
  }
  const columns = [{ title: 'Addresses' }, { title: 'used by the proxy on AWS' }];
  const rows = access.allow.map(({ cidr, note }) => [cidr, note]);
  for (const line of formatTable(columns, rows, paint.faint)) print(line);
}

function printStep(
  { kind, text, sql: statements }: AccessStep,
  { terminal, sql }: { readonly terminal: Terminal; readonly sql: boolean },
): void {
  const { print, paint } = terminal;
  print(`  ${kind === 'give' ? paint.good('+') : paint.bad('-')} ${text}`);
  if (sql) for (const statement of statements) print(paint.faint(`      ${statement};`));
}

/** What was done, and the passwords nobody knows yet: this is the only time they are shown. */
export function printApplied(
  { steps, passwordsOf, made }: Done,
  how: { readonly terminal: Terminal; readonly access: Access; readonly server: Server },
): void {
  const { terminal, access } = how;
  const { print, paint } = terminal;
  if (steps.length === 0 && passwordsOf.length === 0) print('Nothing was to be done.');
  for (const step of steps) printStep(step, { terminal, sql: false });
  const count = steps.length === 1 ? 'One step' : `${steps.length} steps`;
  if (steps.length > 0) print(paint.good(`${count} done, in one transaction.`));
  if (made.size > 0) {
    print();
    print(paint.strong('Passwords: shown now and kept nowhere. Put them where they are used.'));
    const rows = [...made].map(([user, password]) => [user, password]);
    for (const line of formatTable([{ title: '' }, { title: '' }], rows)) print(line);
  }
  const given = passwordsOf.filter((user) => !made.has(user));
  if (given.length > 0) print(`The password given is now that of ${given.join(', ')}.`);
  print();
  printConnecting(access, how);
}

function printConnecting(
  { users }: Access,
  { terminal, server }: { readonly terminal: Terminal; readonly server: Server },
): void {
  const { print, paint } = terminal;
  if (users.length === 0) return;
  const { host, port, database } = server;
  const place = host.includes(':') ? `[${host}]` : host;
  print('Connect with the password of the user, which psql asks for:');
  for (const { name } of users) {
    print(
      `  ${paint.link(`psql 'postgresql://${name}@${place}:${port}/${encodeURIComponent(database)}'`)}`,
    );
  }
  if (server.embedded) print('It runs while a command does, such as `plumbline dev`.');
}

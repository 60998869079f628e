import type { AccessChanges } from '../access/access-changes.ts';
import { applyAccess } from '../access/apply-access.ts';
import type { AppliedAccess } from '../access/apply-access.ts';
import { planAccess } from '../access/plan-access.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { readableSchemas } from '../project/access-mistakes.ts';
import type { Project } from '../project/project.ts';
import { choosePasswords } from './access-passwords.ts';
import type { ChosenPasswords } from './access-passwords.ts';
import type { Invocation, Run } from './command.ts';
import { openProject } from './open-project.ts';
import type { OpenProject } from './open-project.ts';
import { ownCommand } from './own-command.ts';
import { printAccess, printApplied } from './print-access.ts';

/** `plumbline access [--apply] [--rotate USER]`: exit code 0 also when there is something to apply. */
export const run: Run = async (invocation) => {
  const { terminal, start } = invocation;
  const rotate = textOption(invocation, 'rotate');
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: (project) => admitUser(rotate, project),
  });
  try {
    const client = await connect(open);
    try {
      const { host, port, database = '' } = client;
      const embedded = open.warehouse.description.startsWith('embedded');
      const server = { host, port, database, embedded };
      const { access } = open.project.config;
      const schemas = readableSchemas(open.project.models);
      const changes = await planAccess(client, access, schemas);
      const done = await applyIfTold(invocation, changes, (chosen) => {
        terminal.progress('Waiting for a release that is under way, if any');
        return applyAccess(client, changes, chosen.passwords);
      });
      terminal.result(resultOf(changes, done));
      const command = ownCommand(process.env);
      const sql = invocation.options['sql'] === true;
      if (done === undefined) printAccess(changes, { terminal, command, sql, server });
      else printApplied(done, { terminal, access, server });
      return 0;
    } finally {
      await client.end().catch(() => undefined);
    }
  } finally {
    await open.close();
  }
};

/** What was applied, and the passwords that were made for it. */
export type Done = AppliedAccess & Pick<ChosenPasswords, 'made'>;

async function connect({ warehouse }: OpenProject) {
  if (warehouse.connectAdmin !== undefined) return warehouse.connectAdmin();
  throw new PlumblineError('warehouse-refused', {
    message: 'This warehouse is reached by its roles alone, and none of them may change users.',
  });
}

function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function admitUser(name: string | undefined, { config }: Project): void {
  const users = config.access.users.map((user) => user.name);
  if (name === undefined || users.includes(name)) return;
  const meant = suggest(name, users);
  throw new PlumblineError('usage', {
    message: `There is no user '${name}' in \`access\` of plumbline.config.ts.`,
    remedy:
      meant === undefined
        ? `Users are ${users.join(', ') || 'none'}.`
        : `Did you mean \`--rotate ${meant}\`?`,
  });
}

async function applyIfTold(
  invocation: Invocation,
  changes: AccessChanges,
  apply: (chosen: ChosenPasswords) => Promise<AppliedAccess>,
): Promise<Done | undefined> {
  const rotate = textOption(invocation, 'rotate');
  const told = invocation.options['apply'] === true;
  const file = textOption(invocation, 'passwordFile');
  if (file !== undefined && !told && rotate === undefined) {
    throw new PlumblineError('usage', {
      message: '--password-file gives passwords to what is applied, and nothing is.',
      remedy: 'Add --apply or --rotate USER.',
    });
  }
  if (!told && rotate === undefined) return undefined;
  if (!told && changes.steps.length > 0) {
    throw new PlumblineError('usage', {
      message:
        'The database is not as `access` declares it, and a new password would apply that too.',
      remedy: `Look at it with \`plumbline access\`, then run \`plumbline access --apply --rotate ${rotate ?? ''}\`.`,
    });
  }
  const users = new Set([...changes.withoutPassword, ...(rotate === undefined ? [] : [rotate])]);
  const chosen = await choosePasswords([...users], { file, variables: process.env });
  const applied = await apply(chosen);
  const made = new Map([...chosen.made].filter(([user]) => applied.passwordsOf.includes(user)));
  return { ...applied, made };
}

function resultOf({ access, steps, notes }: AccessChanges, done: Done | undefined): unknown {
  const { allow, users } = access;
  if (done === undefined) return { allow, users, applied: false, steps, notes };
  const { passwordsOf, made } = done;
  return {
    allow,
    users,
    applied: true,
    steps: done.steps,
    notes,
    passwordsOf,
    passwords: Object.fromEntries(made),
  };
}

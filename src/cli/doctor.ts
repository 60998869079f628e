import { access, constants } from 'node:fs/promises';

import { PlumblineError } from '../errors.ts';
import { findProject } from '../project/folder.ts';
import type { Project } from '../project/project.ts';
import { readProject } from '../project/read-project.ts';
import type { Run } from './command.ts';
import { ownVersion } from './own-version.ts';
import { shownPath } from './print-run.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** `plumbline doctor`: exit code 1 when something is in the way. */
export const run: Run = async ({ terminal, start }) => {
  const findings: Finding[] = [
    { what: 'plumbline', ok: true, detail: ownVersion() },
    {
      what: 'Node',
      ok: true,
      detail: `${process.versions.node}, ${process.platform} ${process.arch}`,
    },
  ];
  let project: Project | undefined;
  findings.push(
    await examine('Project', async () => {
      project = await readProject(await findProject(start));
      return `${project.config.company} in ${shownPath(project.dir)}`;
    }),
  );
  if (project !== undefined) findings.push(...(await examineProject(project)));
  for (const { what, ok, detail, remedy } of findings) {
    const mark = ok ? terminal.paint.good('ok  ') : terminal.paint.bad('bad ');
    terminal.print(`  ${mark} ${what.padEnd(12)} ${detail}`);
    if (remedy !== undefined) terminal.print(`       ${' '.repeat(12)} ${remedy}`);
  }
  const ok = findings.every((finding) => finding.ok);
  terminal.result({ ok, findings });
  return ok ? 0 : 1;
};

async function examineProject({ dir, config }: Project): Promise<readonly Finding[]> {
  return [
    await examine('Folder', async () => {
      await access(dir, constants.W_OK);
      return 'can be written';
    }),
    await examine('Postgres', async () => {
      const { openWarehouse } = await import('../warehouse/warehouse.ts');
      const warehouse = await openWarehouse({ projectDir: dir, url: config.warehouse.url });
      await warehouse.close();
      return warehouse.description;
    }),
    {
      what: 'Mail',
      ok: true,
      detail:
        config.mail.smtp === undefined
          ? 'no SMTP server: digests go to .plumbline/outbox'
          : `sent through ${new URL(config.mail.smtp).host}`,
    },
  ];
}

async function examine(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof PlumblineError ? { remedy: error.remedy } : {};
    return { what, ok: false, detail, ...remedy };
  }
}

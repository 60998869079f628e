import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findProject, PlumblineError, readProject } from 'plumbline/runtime';
import type { Project, Run } from 'plumbline/runtime';

import { inBucketInstead } from '../plan/in-bucket-instead.ts';
import { sourceFile } from '../plan/job-file.ts';
import { loadedSources } from '../plan/source-needs.ts';
import { findSettings } from '../settings/read-settings.ts';
import { settingsTemplate } from './settings-template.ts';

const fileName = 'plumbline.aws.ts';

/** `plumbline init --aws`: writes `plumbline.aws.ts` for a project, and says what is left to do. */
export const run: Run = async ({ terminal, start, options }) => {
  const dir = await findProject(start);
  const project = await readProject(dir);
  const there = await findSettings(dir);
  if (there !== undefined && options['force'] !== true) {
    throw new PlumblineError('usage', {
      message: `${there} is there already, and nothing was written.`,
      remedy: 'Edit it, or write it anew with `plumbline init --aws --force`.',
    });
  }
  if (there !== undefined && there !== fileName) {
    throw new PlumblineError('usage', {
      message: `The project's settings are in ${there}, which is read before ${fileName}.`,
      remedy: `Rename it to ${fileName} first.`,
    });
  }
  await writeFile(join(dir, fileName), settingsTemplate(project));
  const steps = stepsOf(project);
  const { print, paint } = terminal;
  print(`${paint.strong(fileName)} is written. Before it can be deployed:`);
  for (const [index, step] of steps.entries()) print(`  ${index + 1}. ${step}`);
  print();
  print(`What it costs: ${paint.link('plumbline cost')}`);
  terminal.result({ ok: true, file: fileName, steps });
  return 0;
};

/** What only the company can say, and what the project's files have that AWS has not. */
export function stepsOf(project: Project): readonly string[] {
  const { access, mail } = project.config;
  const sources = loadedSources(project);
  const folders = sources.flatMap(([name, { place }]) =>
    place?.kind === 'folder'
      ? [
          `${sourceFile(name)} reads a folder; ${inBucketInstead(undefined, { source: name, pattern: place.pattern })}`,
        ]
      : [],
  );
  const usesOwnMail = project.digests.size > 0 && mail.from.endsWith('@localhost');
  return [
    `Fill in ${fileName}: the region, the machine image, the certificate, who is told of alarms.`,
    ...folders,
    ...(access.allow.length === 0
      ? ['plumbline.config.ts has no access.allow: nobody could reach dashboards and database.']
      : []),
    ...(usesOwnMail
      ? [`plumbline.config.ts sends mails from ${mail.from}: set mail.from to an address of yours.`]
      : []),
    ...(project.config.setup === undefined
      ? []
      : ['plumbline.config.ts has a setup, which runs on a laptop only: nothing of it is on AWS.']),
  ];
}

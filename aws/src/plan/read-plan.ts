import { findProject, PlumblineError, readProject } from 'plumbline/runtime';
import type { Mistake, Project } from 'plumbline/runtime';

import type { AwsSettings } from '../settings/define-aws.ts';
import { readSettings } from '../settings/read-settings.ts';
import { createPlan, invalidProject, settingMistakes } from './create-plan.ts';
import type { Plan } from './plan.ts';
import { settingsFile } from './planning.ts';

/**
 * Reads the project in a folder or above it, its `plumbline.aws.ts`, and makes the plan of both.
 * Nothing is reached but the folder.
 *
 * Throws `project-not-found`; `project-invalid` with every mistake of both.
 */
export async function readPlan(start: string): Promise<{ project: Project; plan: Plan }> {
  const dir = await findProject(start);
  const [project, read] = await Promise.all([readWithMistakes(dir), readSettings(dir)]);
  const mistakes: readonly Mistake[] = [
    ...project.mistakes,
    ...(read.file === undefined ? [noSettings] : read.mistakes),
    // With a project that is right, the plan finds them together with its own.
    ...(read.settings === undefined || project.value !== undefined
      ? []
      : settingMistakes(read.settings)),
  ];
  if (mistakes.length > 0 || project.value === undefined) throw invalidProject(mistakes);
  // The cast: its schema is what the plan looks at first.
  const settings = read.settings as AwsSettings;
  return { project: project.value, plan: createPlan({ project: project.value, settings }) };
}

const noSettings: Mistake = {
  file: settingsFile,
  message: 'is missing: it says what is to be on AWS',
  expected: '`plumbline init --aws`, which writes it with comments',
};

async function readWithMistakes(
  dir: string,
): Promise<{ value: Project | undefined; mistakes: readonly Mistake[] }> {
  try {
    return { value: await readProject(dir), mistakes: [] };
  } catch (error) {
    if (!(error instanceof PlumblineError) || error.mistakes.length === 0) throw error;
    return { value: undefined, mistakes: error.mistakes };
  }
}

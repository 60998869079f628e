import type { Mistake, Project } from 'plumbline/runtime';

import type { AwsSettings } from '../settings/define-aws.ts';

/** The settings file, as mistakes name it. */
export const settingsFile = 'plumbline.aws.ts';

/** What the parts of a plan are made from, and where each notes the mistakes it finds. */
export interface Planning {
  readonly project: Project;
  readonly settings: AwsSettings;
  readonly mistakes: Mistake[];
}

/** Notes a mistake of the settings file. */
export function settingMistake(planning: Planning, mistake: Omit<Mistake, 'file'>): void {
  planning.mistakes.push({ file: settingsFile, ...mistake });
}

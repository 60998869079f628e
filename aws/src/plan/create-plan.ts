import { mistakesOf, PlumblineError, showValue } from 'plumbline/runtime';
import type { Mistake, Project } from 'plumbline/runtime';

import { awsSchema } from '../settings/aws-schema.ts';
import type { AwsSettings } from '../settings/define-aws.ts';
import { reasonsIn, valueOf } from '../settings/reasoned.ts';
import { rightSettings } from '../settings/right-settings.ts';
import { checkPorts } from './check-ports.ts';
import { checkSources } from './check-sources.ts';
import { planAccess } from './plan-access.ts';
import { planDatabase } from './plan-database.ts';
import { planFunctions } from './plan-functions.ts';
import { planNetwork } from './plan-network.ts';
import { planProxy } from './plan-proxy.ts';
import { planSchedules, planZone } from './plan-schedules.ts';
import { planUploads } from './plan-uploads.ts';
import type { AlarmPlan, LandingPlan, OptOut, Plan } from './plan.ts';
import { settingsFile } from './planning.ts';
import type { Planning } from './planning.ts';
import { checkVariables, planSecrets } from './source-needs.ts';

/**
 * Everything that is to be on AWS, from a project and its settings. Pure: no clock, no account.
 *
 * Throws `project-invalid` with every mistake that was found.
 */
export function createPlan(options: { project: Project; settings: AwsSettings }): Plan {
  const wrong = settingMistakes(options.settings);
  if (wrong.length > 0) throw invalidProject([...wrong, ...furtherMistakes(options, wrong)]);
  const { plan, mistakes } = draftPlan(options);
  if (mistakes.length > 0) throw invalidProject(mistakes);
  return plan;
}

/** The first part of the place of each mistake, each once: `network` of `network.cidr`. */
export function wrongKeys(mistakes: readonly Mistake[]): readonly string[] {
  return [...new Set(mistakes.map(({ place = '' }) => place.split('.')[0] ?? ''))];
}

/** What else is wrong, as far as it does not follow from keys that are wrong by themselves. */
function furtherMistakes(
  { project, settings }: { project: Project; settings: AwsSettings },
  wrong: readonly Mistake[],
): readonly Mistake[] {
  const keys = wrongKeys(wrong);
  // Certificates are of a region, and what a database may say depends on the size.
  const doubtful = [
    ...keys,
    ...(keys.includes('region') ? ['proxy'] : []),
    ...(keys.includes('size') ? ['database'] : []),
  ];
  const { mistakes } = draftPlan({ project, settings: rightSettings(settings, keys) });
  return mistakes.filter(
    ({ file, place = '' }) =>
      file !== settingsFile || !doubtful.includes(place.split('.')[0] ?? ''),
  );
}

/** A plan as far as it goes, to be priced and not to be built, and what is wrong with it. */
export interface Draft {
  readonly plan: Plan;
  readonly mistakes: readonly Mistake[];
}

/** As `createPlan`, but what does not fit together is given back; throws for wrong settings only. */
export function draftPlan(options: { project: Project; settings: AwsSettings }): Draft {
  const { project, settings } = options;
  const wrong = settingMistakes(settings);
  if (wrong.length > 0) throw invalidProject(wrong);
  const planning: Planning = { project, settings, mistakes: [] };
  const plan = planAll(planning);
  checkSources(planning);
  checkPorts(planning);
  checkVariables(planning);
  checkNames(planning, plan);
  checkMail(planning);
  return { plan, mistakes: planning.mistakes };
}

/** What is wrong with a settings file by itself, whatever the project holds. */
export function settingMistakes(settings: unknown): readonly Mistake[] {
  return mistakesOf(awsSchema, settings).map((each) => ({ file: settingsFile, ...each }));
}

/** All mistakes of a project as one error, in the order of its files. */
export function invalidProject(mistakes: readonly Mistake[]): PlumblineError {
  const sorted = mistakes.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const count = sorted.length === 1 ? 'One mistake' : `${sorted.length} mistakes`;
  return new PlumblineError('project-invalid', {
    message: `${count} in what is to be on AWS.`,
    remedy: 'Correct the places listed, then run `plumbline check --aws`.',
    mistakes: sorted,
  });
}

function planAll(planning: Planning): Plan {
  const { project, settings } = planning;
  const { company } = project.config;
  const zone = planZone(planning);
  const name = settings.name ?? stackName(company);
  return {
    name,
    region: settings.region,
    account: settings.account,
    company,
    zone,
    size: settings.size,
    network: planNetwork(planning),
    database: planDatabase(planning),
    landing: planLanding(settings),
    functions: planFunctions(planning),
    schedules: planSchedules(planning, zone),
    uploads: planUploads(planning),
    proxy: planProxy(planning),
    access: planAccess(planning),
    alarms: planAlarms(settings),
    secrets: planSecrets(planning, name),
    optOuts: planOptOuts(settings),
  };
}

/** A stack's name leaves room in the 64 characters of a function for the name of a source. */
const nameLengthMax = 32;

/** Letters that are no other one with a mark. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** `plumbline-acme-wholesale`: of the company's name what AWS takes, in whole words. */
export function stackName(company: string): string {
  const words = company
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæøœłđðþı]/g, (letter) => letters[letter] ?? '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let name = 'plumbline';
  for (const word of words) {
    if (name.length + 1 + word.length > nameLengthMax) break;
    name += `-${word}`;
  }
  return name;
}

function planLanding({ landing = {} }: AwsSettings): LandingPlan {
  return {
    bucket: landing.bucket,
    noncurrentDays: valueOf(landing.noncurrentDays, 30),
    infrequentAfterDays: landing.infrequentAfterDays ?? 90,
  };
}

function planAlarms({ alarms }: AwsSettings): AlarmPlan {
  return {
    mail: valueOf(alarms.mail, []),
    durationShare: alarms.durationShare ?? 0.8,
    storageFreeGbMin: alarms.storageFreeGbMin ?? 4,
    acuShare: alarms.acuShare ?? 0.9,
    logDays: alarms.logDays ?? 90,
  };
}

function planOptOuts(settings: AwsSettings): readonly OptOut[] {
  return reasonsIn(settings).map(({ setting, value, because }) => ({
    setting,
    value: showValue(value),
    reason: because.trim(),
  }));
}

/** Names of functions and schedules: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const resourceNameLengthMax = 64;

function checkNames({ mistakes }: Planning, plan: Plan): void {
  for (const { id, kind, job } of plan.functions) {
    const ids = [id, ...plan.schedules.filter((each) => each.functionId === id).map((s) => s.id)];
    const longest = ids.reduce((a, b) => (b.length > a.length ? b : a));
    const full = `${plan.name}-${longest}`;
    if (full.length <= resourceNameLengthMax) continue;
    mistakes.push({
      file: kind === 'digest' ? `digests/${job}.ts` : `sources/${job}.ts`,
      message: `its name is too long for AWS: ${full} has ${full.length} characters`,
      value: `'${job}'`,
      expected: `at most ${resourceNameLengthMax}: a shorter file name, or a shorter name in ${settingsFile} than '${plan.name}'`,
    });
  }
}

/** SES sends only from addresses that were verified: the default of a laptop is none. */
function checkMail(planning: Planning): void {
  const { project, mistakes } = planning;
  const { from } = project.config.mail;
  const address = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
  if (project.digests.size === 0 || /^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(address)) return;
  mistakes.push({
    file: 'plumbline.config.ts',
    place: 'mail.from',
    message: `no mail can be sent from ${address}: on AWS the sender is an address you have verified`,
    value: `'${from}'`,
    expected: "an address of your domain, such as 'Numbers <numbers@example.com>'",
  });
}

import { valueOf } from '../settings/reasoned.ts';
import type { DatabasePlan } from './plan.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';

const ofAurora = ['minAcu', 'maxAcu', 'pauseAfterMinutes'] as const;
const ofInstance = ['instanceType', 'storageGb', 'storageMaxGb'] as const;

/** The database server by size: an RDS instance, or Aurora that pauses. */
export function planDatabase(planning: Planning): DatabasePlan {
  const { size } = planning.settings;
  const given = planning.settings.database ?? {};
  const kind = given.kind ?? (size === 'small' ? 'rds-instance' : 'aurora-serverless');
  for (const key of kind === 'rds-instance' ? ofAurora : ofInstance) {
    if (given[key] === undefined) continue;
    const other = kind === 'rds-instance' ? 'aurora-serverless' : 'rds-instance';
    settingMistake(planning, {
      place: `database.${key}`,
      message: `${key} is a setting of kind '${other}', and this database is of kind '${kind}'`,
      value: String(given[key]),
      expected: `no such setting, or kind: '${other}'`,
    });
  }
  const common = {
    engineVersion: given.engineVersion ?? '17.6',
    databaseName: given.databaseName ?? 'plumbline',
    backupDays: valueOf(given.backupDays, size === 'small' ? 7 : 14),
    deletionProtection: valueOf<true, false>(given.deletionProtection, true),
    standby: given.standby ?? false,
  };
  if (kind === 'aurora-serverless') {
    checkAuroraVersion(planning, common.engineVersion);
    return { ...common, kind, ...planCapacity(planning) };
  }
  const storageGb = given.storageGb ?? 20;
  // RDS grows storage by a tenth at least: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
  const growsFrom = storageGb + Math.ceil(storageGb / 10);
  const storageMaxGb = given.storageMaxGb ?? Math.max(100, growsFrom);
  if (storageMaxGb < growsFrom) {
    settingMistake(planning, {
      place: 'database.storageMaxGb',
      message: `storage could not grow from ${storageGb} to ${storageMaxGb} GB`,
      value: String(storageMaxGb),
      expected: `${growsFrom} or more, a tenth above storageGb`,
    });
  }
  return {
    ...common,
    kind,
    instanceType: given.instanceType ?? 't4g.micro',
    storageGb,
    storageMaxGb,
  };
}

/**
 * Pausing came to PostgreSQL 17 with 17.4:
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
 */
const auroraMinorMin = 4;

function checkAuroraVersion(planning: Planning, version: string): void {
  if (Number(version.split('.')[1]) >= auroraMinorMin) return;
  settingMistake(planning, {
    place: 'database.engineVersion',
    message: `Aurora Serverless of PostgreSQL ${version} cannot pause`,
    value: `'${version}'`,
    expected: `17.${auroraMinorMin} or newer`,
  });
}

function planCapacity(planning: Planning) {
  const given = planning.settings.database ?? {};
  const minAcu = given.minAcu ?? 0;
  const maxAcu = given.maxAcu ?? Math.max(2, minAcu);
  if (minAcu > maxAcu) {
    settingMistake(planning, {
      place: 'database.maxAcu',
      message: `maxAcu ${maxAcu} is below minAcu ${minAcu}`,
      value: String(maxAcu),
      expected: `${minAcu} or more`,
    });
  }
  if (minAcu > 0 && given.pauseAfterMinutes !== undefined) {
    settingMistake(planning, {
      place: 'database.pauseAfterMinutes',
      message: `a database of at least ${minAcu} ACU never pauses`,
      value: String(given.pauseAfterMinutes),
      expected: 'no such setting, or minAcu: 0',
    });
  }
  const pauseAfterMinutes = minAcu === 0 ? (given.pauseAfterMinutes ?? 15) : undefined;
  return { minAcu, maxAcu, pauseAfterMinutes };
}

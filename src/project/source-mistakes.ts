import { parseDuration } from '../contract/duration.ts';
import { scheduleSchema } from '../schedule/schema.ts';
import type { Source } from '../source/source.ts';
import { contractMistakes } from './contract-mistakes.ts';
import { mistakesOf, showValue } from './mistakes.ts';
import type { MistakeInFile } from './mistakes.ts';

/** Whether a value has the parts of a Source; what is in them is `sourceMistakes`' business. */
export function isSource(value: unknown): value is Source {
  return (
    value !== null &&
    typeof value === 'object' &&
    'contract' in value &&
    typeof value.contract === 'object' &&
    value.contract !== null &&
    'discover' in value &&
    typeof value.discover === 'function' &&
    'read' in value &&
    typeof value.read === 'function'
  );
}

/** Everything in a source that can be seen to be wrong without reaching it. */
export function sourceMistakes(source: Source, zone: string): readonly MistakeInFile[] {
  const schedule =
    source.schedule === undefined
      ? []
      : source.schedule === null || typeof source.schedule !== 'object'
        ? [noSchedule(source.schedule)]
        : mistakesOf(scheduleSchema, source.schedule).map((mistake) => ({
            ...mistake,
            place: mistake.place === undefined ? 'schedule' : `schedule.${mistake.place}`,
          }));
  const nested = Object.entries(source.children ?? {}).flatMap(([name, { contract }]) =>
    contractMistakes(contract, zone).map((mistake) => ({
      ...mistake,
      place: `children.${name}${mistake.place === undefined ? '' : `.${mistake.place}`}`,
    })),
  );
  return [
    ...contractMistakes(source.contract, zone),
    ...nested,
    ...schedule,
    ...freshness(source.freshness),
    ...uploadMistakes(source),
  ];
}

function noSchedule(value: unknown): MistakeInFile {
  return {
    place: 'schedule',
    message: `is ${showValue(value)}`,
    value: showValue(value),
    expected: "a schedule such as every.day().at('06:00') or cron('0 6 * * 1-5')",
  };
}

/** Only a bucket tells when a file is put into it. */
function uploadMistakes({ onUpload, place }: Source): readonly MistakeInFile[] {
  if (onUpload !== true || place?.kind === 's3') return [];
  return [
    {
      place: 'onUpload',
      message: 'only a bucket tells when a file is put into it',
      value: 'true',
      expected: "from: s3('bucket/prefix/*.csv'), or a schedule alone",
    },
  ];
}

function freshness(value: string | undefined): readonly MistakeInFile[] {
  if (value === undefined) return [];
  try {
    parseDuration(value);
    return [];
  } catch {
    return [
      {
        place: 'freshness',
        message: `is ${showValue(value)}`,
        value: showValue(value),
        expected: "a length of time such as '36 hours' or '15 days'",
      },
    ];
  }
}

/** What a default export is, for "expected a source, found …". */
export function describeExport(value: unknown): string {
  if (value === undefined) return 'no default export';
  if (value === null || typeof value !== 'object') return showValue(value);
  if (isSource(value)) return 'a source';
  if ('rows' in value) return 'a dashboard';
  if ('tiles' in value) return 'a digest';
  if ('company' in value) return 'a config';
  if ('list' in value && typeof value.list === 'function') return 'a location';
  return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'no keys'}`;
}

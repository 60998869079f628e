/** The steps of a run, in their order. `landing` is on the disk; the others are statements. */
export const phases = [
  'connect',
  'prepare',
  'landing',
  'identify',
  'claim',
  'staging',
  'merge',
  'record',
  'commit',
  'release',
] as const;

export type Phase = (typeof phases)[number];

/** The first that fits says what a statement is part of; one that fits none is part of what went before. */
const marks: readonly (readonly [Phase, RegExp])[] = [
  ['connect', /^set timezone/],
  ['release', /plumbline:release/],
  ['prepare', /plumbline:raw:|^create (unique )?(table|index)|^alter table|pg_attribute/],
  [
    'claim',
    /plumbline:load:|state = 'loading', attempts|for update|nextval\('plumbline\.batch_id'/,
  ],
  [
    'identify',
    /plumbline:delivery:|into plumbline\.delivery|select value from plumbline\.cursor|fingerprint is not distinct/,
  ],
  ['staging', /^copy |temp table (stage|set_aside)/],
  ['record', /plumbline\.(reject|segment|cursor)|set state = '(loaded|superseded)'/],
  ['merge', /\b(stage|twin|matched|set_aside)\b|_superseded_by/],
];

/** Follows one connection: what its statements belong to. */
export function createPhases() {
  let phase: Phase = 'connect';
  let statement = '';
  let loading = false;
  return {
    see: (sql: string): void => {
      statement = sql;
      if (sql === 'begin') {
        loading = false;
        if (phase === 'commit') phase = 'identify';
      }
      // A release keeps its connection to itself.
      if (phase === 'release') return;
      if (sql === 'commit') {
        if (loading) phase = 'commit';
        return;
      }
      phase = marks.find(([, pattern]) => pattern.test(sql.trimStart()))?.[0] ?? phase;
      if (phase === 'staging') loading = true;
    },
    phase: (): Phase => phase,
    statement: (): string => statement,
  };
}

import { readDuplicates } from '../load/read-duplicates.ts';
import type {
  DeliveryDuplicates,
  DuplicateCounts,
  SourceDuplicates,
} from '../load/read-duplicates.ts';
import { chooseSource } from './choose-source.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { countFormat, countOf } from './print-run.ts';
import type { Terminal } from './terminal.ts';

/** `plumbline duplicates [source]` */
export const run: Run = async ({ terminal, args, start }) => {
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: (project) => void (args[0] === undefined || chooseSource(project, args[0])),
  });
  try {
    const names = args[0] === undefined ? [...open.project.sources.keys()] : [args[0]];
    const client = await open.warehouse.connect('loader');
    const found: SourceDuplicates[] = [];
    try {
      for (const name of names) {
        terminal.progress(`Counting in ${name} …`);
        found.push(await readDuplicates(client, name));
      }
    } finally {
      await client.end().catch(() => undefined);
    }
    terminal.result(found);
    const count = countFormat(open.project.config.locale);
    for (const [index, each] of found.entries()) {
      if (index > 0) terminal.print();
      printSource(each, { terminal, count, listed: args[0] !== undefined });
    }
    return 0;
  } finally {
    await open.close();
  }
};

/** Every kind in words; what is done with it stands last. */
const kinds: Readonly<Record<keyof DuplicateCounts, string>> = {
  files: 'whole files that another path holds: not loaded',
  leftOut: 'rows twice in a delivery: left out',
  clashing: 'rows with one key and other content in a delivery: rejected as primary-key',
  rejected: 'rows twice in a delivery: rejected as duplicate-row',
  repeated: 'rows equal to an earlier one of a delivery: kept',
  elsewhere: 'rows that another delivery has too',
  replacing: "rows in place of another delivery's, with other content",
  outdated: 'rows for whose key a later delivery has other content: kept aside',
};

// The keys of `kinds` are those of its type; Object.keys has forgotten that.
const kindNames = Object.keys(kinds) as (keyof DuplicateCounts)[];

interface Shown {
  readonly terminal: Terminal;
  readonly count: (value: number) => string;
  /** With the deliveries, one by one. */
  readonly listed: boolean;
}

function printSource(found: SourceDuplicates, { terminal, count, listed }: Shown): void {
  const { print, paint } = terminal;
  print(paint.strong(found.source));
  const there = kindNames.filter((kind) => found[kind] > 0);
  if (there.length === 0) print(paint.good('  nothing is there twice'));
  for (const kind of there)
    print(`  ${countOf(found[kind], kinds[kind], (value) => `${count(value).padStart(9)} `)}`);
  if (!listed) return;
  for (const delivery of found.deliveries) {
    print();
    print(`  ${delivery.name} ${paint.faint(`(delivery ${delivery.deliveryId})`)}`);
    for (const line of deliveryLines(delivery, count)) print(`    ${line}`);
  }
}

function deliveryLines(
  delivery: DeliveryDuplicates,
  count: (value: number) => string,
): readonly string[] {
  if (delivery.copyOf !== null) return [`a copy of delivery ${delivery.copyOf}: not loaded`];
  return kindNames.flatMap((kind) =>
    kind === 'files' || delivery[kind] === 0 ? [] : [countOf(delivery[kind], kinds[kind], count)],
  );
}

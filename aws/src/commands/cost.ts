import { findProject, formatTable, PlumblineError, readProject } from 'plumbline/runtime';
import type { Cell, Invocation, Project, Run, Terminal } from 'plumbline/runtime';

import { draftPlan, invalidProject, settingMistakes, wrongKeys } from '../plan/create-plan.ts';
import type { Draft } from '../plan/create-plan.ts';
import { costOfRun } from '../price/cost-of-run.ts';
import { showCents } from '../price/money.ts';
import { priceOf } from '../price/price-of.ts';
import type { PriceTable } from '../price/price-of.ts';
import { readLoad } from '../price/read-load.ts';
import { readReport } from '../price/read-report.ts';
import type { AwsSettings } from '../settings/define-aws.ts';
import { readSettings } from '../settings/read-settings.ts';
import { rightSettings, standInSettings } from '../settings/right-settings.ts';
import { compareModes, withMode } from './compare-modes.ts';
import type { Mode } from './compare-modes.ts';

/** `plumbline cost`: what a month costs, by component, and what other modes would cost. */
export const run: Run = async (invocation) => {
  const { terminal, start, options } = invocation;
  const report = textOption(options['run']);
  if (report !== undefined) return showRun(invocation, report);
  const load = readLoad(textOption(options['load']));
  const asked = sizeOption(options['size']);
  const dir = await findProject(start);
  const [project, read] = await Promise.all([readProject(dir), pricedSettings(dir)]);
  const { given, settings, wrong } = read;
  const sizes = asked === undefined ? (given === undefined ? both : [given.size]) : [asked];
  const priced = sizes.map((size) => {
    const chosen = withMode(settings, size, undefined);
    const draft = draftPlan({ project, settings: chosen });
    return { size, egress: draft.plan.network.egress, draft, table: priceOf(draft.plan, load) };
  });
  const modes = compareModes({ project, settings, load });
  terminal.result({
    ok: true,
    settings: given === undefined ? null : 'plumbline.aws.ts',
    pricedByDefault: wrong,
    load,
    plans: priced.map(({ size, egress, table }) => ({ size, egress, ...table })),
    modes,
  });
  for (const { size, egress, draft, table } of priced) {
    printTable(terminal, table, `${titleOf(project, draft)}: ${size}, ${egress}`);
  }
  printModes(terminal, modes);
  printNotes(terminal, priced[0]?.table.notes ?? []);
  if (given === undefined) {
    terminal.print(
      'There is no plumbline.aws.ts yet: both sizes are shown as they are by default. `plumbline init --aws` writes it.',
    );
  } else {
    if (wrong.length > 0) {
      const keys = wrong.join(', ');
      terminal.warn(`plumbline.aws.ts is not right yet in ${keys}: priced as if left out.`);
    }
    printMistakes(terminal, priced, wrong.length > 0);
  }
  return 0;
};

/** `--run`: what one run cost, from the line that Lambda wrote of it. */
async function showRun({ terminal, start }: Invocation, report: string): Promise<number> {
  const measured = readReport(report);
  const { settings } = await pricedSettings(await findProject(start));
  const cost = costOfRun(measured, settings.region);
  const { print, paint } = terminal;
  const memory = `${measured.memoryMb} MB for ${measured.billedMs} ms`;
  print(`${memory} are ${cost.gbSeconds} GB-seconds: ${paint.strong(`$${cost.totalDollars}`)}`);
  print(`  $${cost.computeDollars} for memory and time, $${cost.requestDollars} for the request`);
  print(
    paint.faint(
      `  list prices of ${cost.pricesOf}, ${cost.date}${cost.pricesOf === cost.region ? '' : `, since there are none of ${cost.region}`}; what is free is not taken off`,
    ),
  );
  terminal.result({ ok: true, ...measured, ...cost });
  return 0;
}

const both = ['small', 'standard'] as const;

interface PricedSettings {
  /** The project's own; undefined: it has none. */
  readonly given: AwsSettings | undefined;
  /** What is priced. */
  readonly settings: AwsSettings;
  /** Keys that are not right yet and are priced as they are by default. */
  readonly wrong: readonly string[];
}

/** A file that is not filled in yet, as `init --aws` writes it, can be priced all the same. */
async function pricedSettings(dir: string): Promise<PricedSettings> {
  const read = await readSettings(dir);
  if (read.mistakes.length > 0) throw invalidProject(read.mistakes);
  if (read.settings === undefined) {
    return { given: undefined, settings: standInSettings, wrong: [] };
  }
  const wrong = wrongKeys(settingMistakes(read.settings));
  const settings = rightSettings(read.settings, wrong);
  return { given: settings, settings, wrong };
}

function textOption(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function sizeOption(value: string | boolean | undefined): AwsSettings['size'] | undefined {
  if (value === undefined || value === 'small' || value === 'standard') return value;
  throw new PlumblineError('usage', {
    message: `--size is '${String(value)}'; expected small or standard`,
  });
}

const titleOf = ({ config }: Project, { plan }: Draft): string =>
  `${config.company} on AWS, a month in ${plan.region}`;

function printTable({ print, paint }: Terminal, table: PriceTable, title: string): void {
  print(paint.strong(title));
  print(paint.faint(`  list prices of ${table.pricesOf}, ${table.date}`));
  let before = '';
  const rows = table.lines
    .filter(
      ({ cents, kind, unitPrice }) => cents > 0 || kind === 'fixed' || unitPrice === undefined,
    )
    .map(({ component, what, quantity, unit, unitPrice, cents, kind, driver }): Cell[] => {
      const shown = component === before ? '' : component;
      before = component;
      return [
        shown,
        what,
        `${rounded(quantity)} ${unit}`,
        unitPrice ?? '?',
        showCents(BigInt(cents)),
        kind,
        { text: driver, paint: paint.faint },
      ];
    });
  const total: Cell[] = ['total', '', '', '', showCents(BigInt(table.totalCents)), '', ''];
  const columns = [
    { title: '' },
    { title: '' },
    { title: 'quantity', align: 'right' },
    { title: 'price', align: 'right' },
    { title: 'dollars', align: 'right' },
    { title: '' },
    { title: 'depends on' },
  ] as const;
  for (const line of formatTable(columns, [...rows, total], paint.faint)) print(line);
  const [fixed, use] = [table.fixedCents, table.useCents].map((cents) => showCents(BigInt(cents)));
  print(`  $${fixed} of it is there however little is used, $${use} is by use.`);
  print();
}

/** Six decimal places are for machines. */
function rounded(quantity: string): string {
  const [whole = '', fraction = ''] = quantity.split('.');
  return fraction === '' ? whole : Number(quantity).toFixed(Number(whole) === 0 ? 3 : 1);
}

function printModes({ print, paint }: Terminal, modes: readonly Mode[]): void {
  print(paint.strong('Other ways to have it'));
  const rows = modes.map(({ size, egress, fixedCents, totalCents, fault }): Cell[] => [
    size,
    egress,
    showCents(BigInt(fixedCents)),
    showCents(BigInt(totalCents)),
    fault === undefined ? '' : { text: `does not work: ${fault}`, paint: paint.notice },
  ]);
  const columns = [
    { title: 'size' },
    { title: 'egress' },
    { title: 'fixed', align: 'right' },
    { title: 'dollars a month', align: 'right' },
    { title: '' },
  ] as const;
  for (const line of formatTable(columns, rows, paint.faint)) print(line);
  print();
}

function printNotes({ print, paint }: Terminal, notes: readonly string[]): void {
  for (const note of notes) print(paint.faint(note));
  print(paint.faint('Every line is rounded to the cent by itself, so that they add up.'));
}

function printMistakes(
  terminal: Terminal,
  priced: readonly { readonly draft: Draft }[],
  hasWrong: boolean,
): void {
  const count = new Set(
    priced.flatMap(({ draft }) => draft.mistakes.map(({ file, message }) => `${file} ${message}`)),
  ).size;
  if (hasWrong) {
    // What was priced as if left out is not among those that were counted.
    terminal.warn('`plumbline check --aws` lists what must be corrected before a deploy.');
    return;
  }
  if (count === 0) return;
  const what = count === 1 ? 'One mistake' : `${count} mistakes`;
  terminal.warn(`${what} must be corrected before a deploy: \`plumbline check --aws\` lists them.`);
}

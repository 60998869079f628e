import { compare, median, round, secondsOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import { ledgerRows, ledgerWorkbook } from './ledger-workbook.ts';
import type { ReadWorkbook, WorkbookRead, WorkbookReader } from './read-workbook.ts';
import { runPython } from './run-python.ts';
import { runScript } from './run-script.ts';

const rounds = 3;
const megabyte = 1_000_000;
const peakBoundMb = 250;
const bound = 0.5;

/** A reader: what it took, undefined when it is not installed. */
interface Rival {
  readonly name: string;
  readonly read: (file: string) => Promise<WorkbookRead | undefined>;
  /** Takes a minute or more: measured once, which is enough to see by how much. */
  readonly isSlow: boolean;
}

const inNode = (reader: WorkbookReader, file: string): Promise<WorkbookRead> => {
  const job: ReadWorkbook = { reader, file };
  return runScript<WorkbookRead>('read-workbook.ts', job);
};
const nodeRival = (name: WorkbookReader, isSlow: boolean): Rival => ({
  name,
  read: (file) => inNode(name, file),
  isSlow,
});
const pythonRival = (name: string): Rival => ({
  name,
  read: (file) => runPython<WorkbookRead>('read_workbook.py', [name, file]),
  isSlow: true,
});

const rivals: readonly Rival[] = [
  nodeRival('exceljs', false),
  nodeRival('read-excel-file', true),
  nodeRival('sheetjs', true),
  pythonRival('openpyxl'),
  pythonRival('calamine'),
  pythonRival('pandas'),
];

/** Reading and checking the longest sheet there can be, against the readers that npm and PyPI have. */
export const xlsxRead: Bench = {
  name: 'xlsx-read',
  run: async (context) => {
    const file = await ledgerWorkbook(context.dataDir);
    const ours: WorkbookRead[] = [];
    const theirs = new Map<string, WorkbookRead[]>();
    for (let current = 0; current < rounds; current += 1) {
      ours.push(checked(context, 'plumbline', await inNode('plumbline', file)));
      for (const { name, read, isSlow } of rivals) {
        if (isSlow && current > 0) continue;
        // One that is not installed, or fails on the file, is told and left out.
        const found = await read(file).catch(whyNot);
        if (typeof found === 'object') {
          theirs.set(name, [...(theirs.get(name) ?? []), checked(context, name, found)]);
        } else if (current === 0) context.log(`SKIP ${name}: ${found ?? notInstalled}`);
      }
    }
    return results(ours, theirs);
  },
};

function checked({ log }: BenchContext, name: string, found: WorkbookRead): WorkbookRead {
  if (found.rows !== ledgerRows) throw new Error(`${name} read ${found.rows} rows`);
  log(`${name} ${round(found.seconds)} s, ${Math.round(found.peakBytes / megabyte)} MB`);
  return found;
}

const notInstalled = 'not installed, see bench/peers/README.md';

function whyNot(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/Cannot find module/u.test(text)) return notInstalled;
  if (/heap out of memory|SIGABRT|SIGKILL/u.test(text)) return 'it ran out of memory';
  return /^\w*Error: .*$/mu.exec(text)?.[0] ?? text.slice(0, 200);
}

function results(
  ours: readonly WorkbookRead[],
  theirs: ReadonlyMap<string, readonly WorkbookRead[]>,
): readonly BenchResult[] {
  const seconds = ours.map((each) => each.seconds);
  const peakMb = Math.max(...ours.map((each) => each.peakBytes)) / megabyte;
  const lines: BenchResult[] = [];
  for (const [rival, found] of theirs) {
    const taken = found.map((each) => each.seconds);
    const peakBytes = Math.max(...found.map((each) => each.peakBytes));
    // The bound is against what JavaScript has; calamine is Rust, and checks nothing.
    const limit = ['calamine', 'pandas'].includes(rival) ? null : bound;
    const line = compare(`xlsx-read-${rival}`, {
      ours: median(seconds),
      theirs: median(taken),
      bound: limit,
    });
    lines.push({
      line,
      unit: 's',
      title: `reading, checking, hashing and encoding a sheet of ${ledgerRows.toLocaleString('en')} × 8, against ${rival} reading it`,
      detail: `${secondsOf(seconds)}; against ${secondsOf(taken)}, ${Math.round(peakBytes / megabyte)} MB`,
    });
  }
  lines.push({
    line: {
      name: 'xlsx-memory',
      ours: round(peakMb),
      theirs: null,
      ratio: null,
      bound: peakBoundMb,
      ok: peakMb <= peakBoundMb,
    },
    unit: 'MB',
    title: 'peak resident memory of the same',
    detail: `maxRSS of its process`,
  });
  return lines;
}

/**
 * A process that reads the ledger workbook with one reader and prints what it took. Plumbline also
 * checks every row against the contract, hashes and encodes it: all but sending it to Postgres.
 *
 *     node bench/read-workbook.ts '{"reader":"exceljs","file":"…"}'
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { matchHeader } from '../src/contract/match-header.ts';
import { createRowEncoder } from '../src/load/encode-rows.ts';
import { folder } from '../src/source/location/folder.ts';
import { ledgerSource } from './ledger-workbook.ts';

export type WorkbookReader = 'plumbline' | 'exceljs' | 'read-excel-file' | 'sheetjs';

export interface ReadWorkbook {
  readonly reader: WorkbookReader;
  readonly file: string;
}

export interface WorkbookRead {
  readonly seconds: number;
  /** Below the header. */
  readonly rows: number;
  /** Peak resident memory of the process. */
  readonly peakBytes: number;
}

// What others do is not typed here: the calls are those of their documentation.
const peers = createRequire(new URL('peers/package.json', import.meta.url));

const readers: Readonly<Record<WorkbookReader, (file: string) => Promise<number>>> = {
  plumbline: async (file) => {
    const source = ledgerSource(folder(file));
    const { signal } = new AbortController();
    const stream = await source.read(
      { path: file, name: 'ledger.xlsx', slot: 'ledger.xlsx', sizeBytes: 0 },
      {
        projectDir: '/',
        env: () => undefined,
        zone: 'UTC',
        now: () => '',
        cursor: undefined,
        signal,
      },
    );
    const encoder = createRowEncoder({
      contract: source.contract,
      labels: stream.header,
      match: matchHeader(source.contract.columns, stream.header, 'ledger.xlsx'),
      zone: 'UTC',
      batchId: 1,
      sums: ['amount'],
      rejectsMax: 10,
    });
    for await (const chunk of stream.chunks) {
      encoder.encode(chunk);
      encoder.reuse();
    }
    return encoder.state.accepted;
  },
  exceljs: async (file) => {
    const exceljs = peers('exceljs') as {
      stream: {
        xlsx: { WorkbookReader: new (file: string, options: object) => AsyncIterable<Rows> };
      };
    };
    let rows = -1;
    for await (const sheet of new exceljs.stream.xlsx.WorkbookReader(file, {
      sharedStrings: 'cache',
      styles: 'cache',
    })) {
      for await (const row of sheet) if (row.values.length > 0) rows += 1;
    }
    return rows;
  },
  'read-excel-file': async (file) => {
    const { default: read } = (await import(peers.resolve('read-excel-file/node'))) as {
      default: (file: string) => Promise<unknown>;
    };
    return tableOf(await read(file)).length - 1;
  },
  sheetjs: async (file) => {
    const { default: xlsx } = await import('@e965/xlsx');
    const book = xlsx.read(readFileSync(file), { dense: true, cellDates: true });
    const sheet = book.Sheets[book.SheetNames[0] ?? ''];
    return sheet === undefined ? 0 : xlsx.utils.sheet_to_json(sheet, { header: 1 }).length - 1;
  },
};

type Rows = AsyncIterable<{ readonly values: readonly unknown[] }>;

/** The rows of the first sheet: newer versions give all sheets. */
function tableOf(read: unknown): readonly unknown[] {
  if (!Array.isArray(read)) throw new Error('read-excel-file gave no rows');
  const first: unknown = read[0];
  const isSheet = first !== null && typeof first === 'object' && 'data' in first;
  return isSheet && Array.isArray(first.data) ? first.data : read;
}

// The parent passes exactly this.
const job = JSON.parse(process.argv[2] ?? '') as ReadWorkbook;
const start = performance.now();
const rows = await readers[job.reader](job.file);
const seconds = (performance.now() - start) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ seconds, rows, peakBytes } satisfies WorkbookRead));

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { column } from '../../src/contract/column.ts';
import { api } from '../../src/source/api/api.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { excel } from '../../src/source/excel/excel.ts';
import { folder } from '../../src/source/location/folder.ts';
import { http } from '../../src/source/location/http.ts';
import { s3 } from '../../src/source/location/s3/s3.ts';
import type { Location, Source } from '../../src/source/source.ts';
import { s3Environment } from '../helpers/s3-store.ts';
import { startS3Stub, stubBucket } from '../helpers/s3-stub.ts';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { writeSheet } from '../helpers/workbook.ts';
import { describeSource, expectedRows, type MadeSource, type Scenario } from './conformance.ts';

const columns = { id: column.integer(), name: column.text() };

const records = [['id', 'name'], ...expectedRows];
const asCsv = records
  .map((record) => record.map((cell) => `"${(cell ?? '').replaceAll('"', '""')}"`).join(','))
  .join('\r\n');
const asWorkbook = writeSheet(records);
const asJson = expectedRows.map(([id, name]) => ({ id: Number(id), name }));

/** The scenario in a folder. */
async function inFolder(
  content: string | Uint8Array,
  source: Source,
  scenario: Scenario,
  dir: string,
): Promise<MadeSource> {
  if (scenario !== 'missing') {
    await writeFile(join(dir, 'delivery'), scenario === 'empty' ? '' : content);
  }
  return { source };
}

/** The scenario behind an address, which the source reads from `ADDRESS`. */
async function onServer(
  body: unknown,
  sourceAt: (address: string) => Source,
  scenario: Scenario,
): Promise<MadeSource> {
  const server = await startScriptedServer(() => {
    const sent = scenario === 'empty' ? '' : body;
    const length =
      typeof sent === 'string' || sent instanceof Uint8Array
        ? { 'content-length': String(Buffer.byteLength(sent)) }
        : {};
    return scenario === 'missing' ? { status: 404 } : { headers: length, body: sent };
  });
  return { source: sourceAt(`${server.origin}/delivery`), stop: server.close };
}

/** The scenario in a bucket. */
async function inBucket(
  content: string | Uint8Array,
  sourceFrom: (from: Location) => Source,
  scenario: Scenario,
): Promise<MadeSource> {
  const stub = await startS3Stub({ isVersioned: true });
  if (scenario !== 'missing') stub.put('in/delivery', scenario === 'empty' ? '' : content);
  const from = s3(`${stubBucket}/in/delivery`, { endpoint: stub.origin });
  return { source: sourceFrom(from), env: s3Environment, stop: stub.close };
}

const here = folder('delivery');
const csvSource = csv({ from: here, columns });
const excelSource = excel({ from: here, columns });

describeSource('csv', (scenario, dir) => inFolder(asCsv, csvSource, scenario, dir));

describeSource('csv, gzipped', (scenario, dir) =>
  inFolder(gzipSync(asCsv), csvSource, scenario, dir),
);

describeSource('csv in UTF-16', (scenario, dir) =>
  inFolder(
    Buffer.from(`\ufeff${asCsv}`, 'utf16le'),
    csv({ from: here, columns, encoding: 'utf-16le' }),
    scenario,
    dir,
  ),
);

describeSource('csv over http', (scenario) =>
  onServer(asCsv, (address) => csv({ from: http(address), columns }), scenario),
);

describeSource('csv in a bucket', (scenario) =>
  inBucket(asCsv, (from) => csv({ from, columns }), scenario),
);

describeSource('excel', (scenario, dir) => inFolder(asWorkbook, excelSource, scenario, dir));

describeSource('excel over http', (scenario) =>
  onServer(asWorkbook, (address) => excel({ from: http(address), columns }), scenario),
);

describeSource('excel in a bucket', (scenario) =>
  inBucket(asWorkbook, (from) => excel({ from, columns }), scenario),
);

describeSource('api', (scenario) =>
  onServer(asJson, (address) => api({ url: address, columns }), scenario),
);

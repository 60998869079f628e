import { createHash } from 'node:crypto';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test, type TestContext } from 'vitest';

import {
  type Answer,
  type ScriptedServer,
  startScriptedServer,
} from '../helpers/scripted-server.ts';
import { answerOf, badAnswers, badServers } from './bad-answers.ts';
import { badCsv, writeCsv } from './bad-csv.ts';
import { before, type BadInput, contract, repaired, type Row } from './bad-input.ts';
import { badWorkbooks, writeWorkbookOf } from './bad-workbooks.ts';
import { createFaultProject, type FaultProject, type Ran } from './fault-project.ts';

/** A way deliveries come by: what is put there is what the next run finds. */
interface Way<Content> {
  readonly source: string;
  readonly write: (rows: readonly Row[]) => Content;
  readonly put: (place: Place, content: Content | undefined) => Promise<void>;
}

interface Place {
  readonly project: FaultProject;
  readonly server: ScriptedServer;
  /** What the server answers. */
  answer: Answer;
}

type OnTestFinished = TestContext['onTestFinished'];

async function createPlace(source: string, finished: OnTestFinished): Promise<Place> {
  const place = { answer: { status: 404 } as Answer };
  const server = await startScriptedServer(() => place.answer);
  finished(server.close);
  const project = await createFaultProject({
    'sources/orders.ts': `import { api, column, csv, excel, folder, http, setting } from 'plumbline';\nexport default ${source};\n`,
  });
  finished(project.end);
  await project.write({ '.env': `DATABASE_URL=${project.url}\nSERVER=${server.origin}/orders\n` });
  return Object.assign(place, { server, project });
}

/** A file of the project's folder. */
function inFolder(name: string) {
  return async ({ project }: Place, content: string | Uint8Array | undefined): Promise<void> => {
    const file = `data/${name}`;
    if (content === undefined) return project.remove(file);
    await project.write({ [file]: content });
    // Written a while ago: nobody waits whether more is to come.
    const past = new Date('2026-01-10T04:00:00Z');
    await utimes(join(project.dir, file), past, past);
  };
}

/** A file behind an address. */
async function atAddress(
  place: Place,
  content: string | Uint8Array | Answer | undefined,
): Promise<void> {
  if (content === undefined) place.answer = { status: 404 };
  else if (typeof content === 'string' || content instanceof Uint8Array) {
    const body = Buffer.from(content);
    place.answer = { headers: { 'content-length': String(body.length) }, body };
  } else place.answer = content;
}

const csvFolder: Way<string | Uint8Array> = {
  source: `csv({ from: folder('data/orders.csv'), ${contract} })`,
  write: writeCsv,
  put: inFolder('orders.csv'),
};
const address = "http(setting('SERVER'), { timeoutMs: 2_000, name: 'orders";
const csvHttp: Way<string | Uint8Array | Answer> = {
  source: `csv({ from: ${address}.csv' }), ${contract} })`,
  write: writeCsv,
  put: atAddress,
};
const excelFolder: Way<string | Uint8Array> = {
  source: `excel({ from: folder('data/orders.xlsx'), sheet: 'Data', ${contract} })`,
  write: writeWorkbookOf,
  put: inFolder('orders.xlsx'),
};
const excelHttp: Way<string | Uint8Array | Answer> = {
  source: `excel({ from: ${address}.xlsx' }), sheet: 'Data', ${contract} })`,
  write: writeWorkbookOf,
  put: atAddress,
};
const rest: Way<Answer> = {
  source: `api({ url: setting('SERVER'), records: 'data', retries: 2, timeoutMs: 2_000, ${contract} })`,
  write: answerOf,
  put: async (place, content) => {
    place.answer = content ?? { status: 404 };
  },
};

/** What the table shows, as it was delivered. */
async function held({ project }: Place): Promise<readonly Row[]> {
  const rows = await project.query<{ id: string; name: string; amount: string; paid_on: string }>(
    'select id, name, amount, paid_on from clean.orders order by id',
  );
  return rows.map(({ id, name, amount, paid_on }) => [Number(id), name, amount, paid_on]);
}

/** Said with code, place and remedy, and nothing of it is in the table. */
async function expectRefused(place: Place, ran: Ran, bad: BadInput<unknown>): Promise<void> {
  const { refused } = bad;
  if (refused === undefined) throw new Error('this one is not refused');
  const [source] = ran.json.sources ?? [];
  const [error] = source?.errors ?? [];
  expect(ran.json.ok).toBe(false);
  expect(source).toMatchObject({ name: 'orders', balanced: false });
  expect(error?.code).toBe(refused.code);
  for (const part of refused.says) expect(error?.message).toMatch(part);
  expect(error?.remedy).toMatch(refused.remedy);
  expect(ran.printed).toContain(`error[${error?.code}]: ${error?.message}`);
  expect(ran.printed).toContain(error?.remedy);
  expect(ran.exitCode).toBe(1);
  expect(await held(place)).toEqual(before);
  // A fault that nobody repaired is said again, not forgotten.
  expect((await place.project.run()).exitCode).toBe(1);
}

/** Rows that broke the contract: a delivery with such is loaded all the same. */
async function expectRejects(place: Place, ran: Ran, bad: BadInput<unknown>): Promise<void> {
  const { rejects = [], loaded = [] } = bad;
  const found = await place.project.query<Record<string, unknown>>(
    `select r.line::int as line, f ->> 'code' as code, f ->> 'column' as "column", f ->> 'value' as value
       from plumbline.reject r, jsonb_array_elements(r.faults) f
      where r.batch_id = (select max(id) from plumbline.batch) order by r.row_number`,
  );
  expect(found).toEqual(rejects);
  expect((await held(place)).map(([id]) => String(id))).toEqual(loaded);
  expect(ran.json.sources?.[0]).toMatchObject({
    balanced: true,
    rows: {
      read: new Set(rejects.map(({ line }) => line)).size + loaded.length,
      rejected: new Set(rejects.map(({ line }) => line)).size,
    },
  });
  expect(ran.exitCode).toBe(0);
}

/** Something good, something bad, then the repaired: gives what the table shows at the end. */
async function goThrough<Content>(
  way: Way<Content>,
  bad: BadInput<Content>,
  finished: OnTestFinished,
): Promise<readonly Row[]> {
  const place = await createPlace(way.source, finished);
  await way.put(place, way.write(before));
  expect((await place.project.run()).exitCode).toBe(0);

  await way.put(place, bad.content);
  const ran = await place.project.run();
  const check = bad.refused === undefined ? expectRejects : expectRefused;
  await check(place, ran, bad);

  await way.put(place, way.write(repaired));
  const after = await place.project.run();
  expect(after.json.ok).toBe(true);
  expect(after.exitCode).toBe(0);
  await expectAllAccountedFor(place);
  return held(place);
}

/** Every delivery's bytes are in the landing, and its batch came to an end that accounts for its rows. */
async function expectAllAccountedFor({ project }: Place): Promise<void> {
  const deliveries = await project.query<{ sha256: string; state: string; balanced: boolean }>(
    `select d.sha256, b.state,
            b.state = 'rejected' or b.read = b.inserted + b.changed + b.unchanged + b.duplicate + b.rejected as balanced
       from plumbline.delivery d left join plumbline.batch b on b.delivery_id = d.id
      where d.duplicate_of is null`,
  );
  for (const { sha256, state, balanced } of deliveries) {
    expect(['loaded', 'superseded', 'rejected']).toContain(state);
    expect(balanced).toBe(true);
    const kept = await readFile(join(project.dir, '.plumbline/landing', sha256));
    expect(createHash('sha256').update(kept).digest('hex')).toBe(sha256);
  }
}

const missing = (file: string): BadInput<never> => ({
  name: 'nothing there',
  content: undefined,
  refused: {
    code: 'source-not-found',
    says: [`${file} is not there`],
    remedy: 'Check the path or address',
  },
});

/** Files are read alike wherever they come from: by http, one of each kind is enough. */
const byAddress = new Set([
  'an empty file',
  'a column under another name',
  'values of the wrong type',
  'UTF-16 with a byte order mark',
  'a web page, as from a portal whose session ended',
  'a wrong sheet',
  'a workbook that is cut short',
]);
const some = <Content>(all: readonly BadInput<Content>[]): readonly BadInput<Content>[] =>
  all.filter(({ name }) => byAddress.has(name));

describe.concurrent('csv, from a folder', () => {
  test.for([missing('data/orders.csv'), ...badCsv])('$name', async (bad, { onTestFinished }) => {
    expect(await goThrough(csvFolder, bad, onTestFinished)).toEqual(repaired);
  });

  test('a file of nearly that name is suggested', async ({ onTestFinished }) => {
    const { project } = await createPlace(csvFolder.source, onTestFinished);
    await project.write({ 'data/ordres.csv': writeCsv(before) });
    const ran = await project.run();
    expect(ran.printed).toContain("did you mean 'data/ordres.csv'?");
    expect(ran.exitCode).toBe(1);
  });

  test('one bad file among good ones is the only one that is left out', async ({
    onTestFinished,
  }) => {
    const source = csvFolder.source.replace('orders.csv', '*.csv');
    const place = await createPlace(source, onTestFinished);
    await place.project.write({
      'data/1.csv': writeCsv(before.slice(0, 1)),
      'data/2.csv': 'id,name\n',
      'data/3.csv': writeCsv(before.slice(2)),
    });
    const ran = await place.project.run();
    expect(ran.json.sources?.[0]).toMatchObject({
      deliveries: 3,
      rows: { read: 2, inserted: 2 },
      balanced: false,
      errors: [{ code: 'missing-label', message: expect.stringContaining('data/2.csv') }],
    });
    expect(ran.exitCode).toBe(1);
    expect(await held(place)).toEqual([before[0], before[2]]);
  });
});

describe.concurrent('excel, from a folder', () => {
  test.for([missing('data/orders.xlsx'), ...badWorkbooks])(
    '$name',
    async (bad, { onTestFinished }) => {
      expect(await goThrough(excelFolder, bad, onTestFinished)).toEqual(repaired);
    },
  );
});

describe.concurrent('csv, by http', () => {
  test.for([...badServers, ...some(badCsv)])('$name', async (bad, { onTestFinished }) => {
    expect(await goThrough(csvHttp, bad, onTestFinished)).toEqual(repaired);
  });
});

describe.concurrent('excel, by http', () => {
  test.for([...badServers, ...some(badWorkbooks)])('$name', async (bad, { onTestFinished }) => {
    expect(await goThrough(excelHttp, bad, onTestFinished)).toEqual(repaired);
  });
});

describe.concurrent('api', () => {
  test.for([...badServers, ...badAnswers])('$name', async (bad, { onTestFinished }) => {
    expect(await goThrough(rest, bad, onTestFinished)).toEqual(repaired);
  });
});

test.concurrent.for([
  ['csv', csvHttp],
  ['excel', excelHttp],
  ['api', rest],
] as const)(
  '%s: a server that is down, and comes up again',
  async ([, way], { onTestFinished }) => {
    const place = await createPlace(way.source, onTestFinished);
    const up = `DATABASE_URL=${place.project.url}\nSERVER=${place.server.origin}/orders\n`;
    // Nothing listens on port 1.
    await place.project.write({ '.env': up.replace(place.server.origin, 'http://127.0.0.1:1') });
    const ran = await place.project.run();
    expect(ran.json.sources?.[0]?.errors).toMatchObject([
      {
        code: 'source-unreachable',
        message: 'http://127.0.0.1:1/orders: the server refuses connections, tried 3 times.',
        remedy: expect.stringContaining('the server is up'),
      },
    ]);
    expect(ran.exitCode).toBe(1);

    await place.project.write({ '.env': up });
    await atAddress(
      place,
      way === rest
        ? answerOf(repaired)
        : csvHttp === way
          ? writeCsv(repaired)
          : writeWorkbookOf(repaired),
    );
    expect((await place.project.run()).exitCode).toBe(0);
    expect(await held(place)).toEqual(repaired);
  },
);

import { expect, test } from 'vitest';

import { createFaultProject } from '../../../faults/fault-project.ts';
import { s3Environment } from '../../../helpers/s3-store.ts';
import { startS3Stub } from '../../../helpers/s3-stub.ts';

const source = `import { column, csv, s3, secret, setting } from 'plumbline';
export default csv({
  from: s3('acme-landing/orders/*.csv', {
    endpoint: setting('STORE'),
    credentials: { accessKeyId: setting('STORE_ID'), secretAccessKey: secret('STORE_KEY') },
  }),
  columns: { id: column.integer({ required: true }), amount: column.decimal(12, 2) },
  key: ['id'],
});
`;

test('a bucket is loaded once, and a corrected object supersedes', async ({ onTestFinished }) => {
  const stub = await startS3Stub();
  onTestFinished(stub.close);
  const project = await createFaultProject({ 'sources/orders.ts': source });
  onTestFinished(project.end);
  await project.write({
    '.env': `DATABASE_URL=${project.url}\nSTORE=${stub.origin}\nSTORE_ID=AKIAEXAMPLE\nSTORE_KEY=${s3Environment['AWS_SECRET_ACCESS_KEY']}\n`,
  });
  const amounts = async (): Promise<string[]> => {
    const rows = await project.query<{ amount: string }>(
      'select amount from clean.orders order by id',
    );
    return rows.map(({ amount }) => amount);
  };
  stub.put('orders/january sales+returns.csv', 'id,amount\n1,10.00\n2,20.00\n', 1);
  stub.put('orders/february.csv', 'id,amount\n3,30.00\n', 2);

  const first = await project.run();
  expect(first.json.sources?.[0]).toMatchObject({
    deliveries: 2,
    rows: { read: 3, inserted: 3 },
    balanced: true,
  });
  expect(await amounts()).toEqual(['10.00', '20.00', '30.00']);

  const fetched = (): number => stub.requests.filter(({ kind }) => kind === 'get').length;
  expect(fetched()).toBe(2);
  const second = await project.run();
  expect(second.json.sources?.[0]).toMatchObject({
    deliveries: 0,
    rows: { read: 0 },
    balanced: true,
  });
  // Listed, and known by their ETags: nothing is transferred twice.
  expect(fetched()).toBe(2);

  stub.put('orders/january sales+returns.csv', 'id,amount\n1,11.00\n', 3);
  const third = await project.run();
  expect(third.json.sources?.[0]).toMatchObject({
    deliveries: 1,
    rows: { read: 1, changed: 1 },
    balanced: true,
  });
  expect(await amounts()).toEqual(['11.00', '30.00']);
  expect(
    await project.query('select slot, generation::int, name from plumbline.delivery order by id'),
  ).toEqual([
    {
      slot: 's3://acme-landing/orders/january sales+returns.csv',
      generation: 1,
      name: 'january sales+returns.csv',
    },
    { slot: 's3://acme-landing/orders/february.csv', generation: 1, name: 'february.csv' },
    {
      slot: 's3://acme-landing/orders/january sales+returns.csv',
      generation: 2,
      name: 'january sales+returns.csv',
    },
  ]);
});

test('local files stand for the bucket until the project runs on AWS', async ({
  onTestFinished,
}) => {
  const stub = await startS3Stub();
  onTestFinished(stub.close);
  const project = await createFaultProject({
    'sources/orders.ts': source.replace(
      "endpoint: setting('STORE'),",
      "endpoint: setting('STORE'), local: 'data/*.csv',",
    ),
    'data/orders.csv': 'id,amount\n1,1.00\n',
  });
  onTestFinished(project.end);
  stub.put('orders/orders.csv', 'id,amount\n2,2.00\n', 1);
  const env = `DATABASE_URL=${project.url}\nSTORE=${stub.origin}\nSTORE_ID=AKIAEXAMPLE\nSTORE_KEY=${s3Environment['AWS_SECRET_ACCESS_KEY']}\n`;
  const ids = async (): Promise<number[]> =>
    (await project.query<{ id: string }>('select id from clean.orders order by id')).map(({ id }) =>
      Number(id),
    );
  await project.write({ '.env': env });
  await project.run();
  expect(await ids()).toEqual([1]);
  await project.write({ '.env': `${env}PLUMBLINE_STACK=plumbline-acme\n` });
  await project.run();
  expect(await ids()).toEqual([1, 2]);
});

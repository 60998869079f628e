import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { makeCompany } from '../../../examples/acme/company/generate.ts';
import { planUntil, startCompany } from '../../../examples/acme/company/setup.ts';

const plan = { seed: 1, from: '2026-01-01', until: '2026-04-20', scale: 0.03 };

function hashOf(company: ReturnType<typeof makeCompany>): string {
  const hash = createHash('sha256');
  for (const { slot, deliveredOn, bytes } of company.deliveries) {
    hash.update(`${slot} ${deliveredOn}\n`);
    if (bytes !== undefined) hash.update(bytes);
  }
  for (const { json } of company.activities) hash.update(json);
  return hash.digest('hex');
}

describe("the example company's generator", () => {
  it('makes the same bytes for the same seed and day, and others for another seed', () => {
    const hash = hashOf(makeCompany(plan));
    expect(hashOf(makeCompany(plan))).toBe(hash);
    expect(hashOf(makeCompany({ ...plan, seed: 2 }))).not.toBe(hash);
  });

  it.each([
    ['2026-11-22', '2024-01-01'],
    ['2026-03-01', '2023-01-01'],
    ['2027-01-02', '2024-01-01'],
  ])('begins about three years before %s', (today, from) => {
    expect(planUntil(today)).toMatchObject({ from, until: today });
  });

  it('makes about 150,000 rows of the full company, one in fifty wrong, in every known way', () => {
    const { deliveries } = makeCompany(planUntil('2026-11-22'));
    const rows = deliveries.flatMap((delivery) => delivery.rows);
    expect(rows.length).toBeGreaterThan(140_000);
    expect(rows.length).toBeLessThan(165_000);
    const wrong = rows.filter((row) => row.wrong !== undefined);
    expect(wrong.length / rows.length).toBeGreaterThan(0.01);
    expect(wrong.length / rows.length).toBeLessThan(0.03);
    expect(new Set(wrong.map((row) => row.wrong))).toEqual(
      new Set([
        'type-error',
        'constraint-error',
        'missing-cell',
        'extra-cell',
        'encoding-error',
        'formula-error',
        'date-serial-as-number',
      ]),
    );
    expect(deliveries.filter((delivery) => delivery.copyOf !== undefined)).toHaveLength(1);
    expect(deliveries.filter((delivery) => delivery.corrects !== undefined)).toHaveLength(1);
  });
});

describe("the example company's setup", () => {
  it('makes good what a start that was killed left, and is at once ready after that', async () => {
    const dirs = await Promise.all(
      [0, 1].map(() => mkdtemp(path.join(tmpdir(), 'plumbline-acme-'))),
    );
    const [whole = '', killed = ''] = dirs;
    const small = { ...plan, scale: 0.01 };
    await mkdir(path.join(killed, 'data/tax'), { recursive: true });
    for (const dir of dirs) {
      await mkdir(path.join(dir, 'data'), { recursive: true });
      const state = JSON.stringify({ plan: small, complete: false });
      await writeFile(path.join(dir, 'data/state.json'), state);
    }
    // What was being written when the process died.
    await writeFile(path.join(killed, 'data/tax/tax-2026-01.csv'), 'Period end,Cou');
    const logs: string[] = [];
    const start = async (projectDir: string) => {
      const { env, stop } = await startCompany({ projectDir, log: (text) => logs.push(text) });
      const answer = await fetch(`${env['ACTIVITY_URL']}?since=2026-04-18T00:00:00Z`, {
        headers: { authorization: `Bearer ${env['ACTIVITY_TOKEN']}` },
      });
      const text = await answer.text();
      await stop();
      return text;
    };
    expect(await start(killed)).toBe(await start(whole));
    for (const file of ['data/tax/tax-2026-01.csv', 'data/expected.json', 'data/state.json']) {
      const [one, other] = await Promise.all(dirs.map((dir) => readFile(path.join(dir, file))));
      expect(one).toEqual(other);
    }
    expect(logs).toHaveLength(4);
    await start(killed);
    expect(logs).toHaveLength(4);
    await Promise.all(dirs.map((dir) => rm(dir, { recursive: true })));
  });
});

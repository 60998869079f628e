import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { activityDelivery, type ActivityRecord, makeActivities } from './activities.ts';
import { makeCostFiles } from './cost-files.ts';
import type { MadeDelivery, Plan } from './made.ts';
import { expect, type Manifest } from './manifest.ts';
import { makeOrderFiles } from './order-files.ts';
import { makeOrders, netByClientMonth, netByTaxLine } from './orders.ts';
import { makePaymentFiles } from './payment-files.ts';
import { makeTaxFiles } from './tax-files.ts';

/** What the company's API gives: the same records as the `activity` delivery, a JSON object a line. */
const activityFile = 'data/activity/activities.ndjson';

/** Everything the company has to deliver, and what its API holds. */
export interface Company {
  readonly plan: Plan;
  readonly deliveries: readonly MadeDelivery[];
  readonly activities: readonly ActivityRecord[];
}

export function makeCompany(plan: Plan): Company {
  const orders = makeOrders(plan);
  const activities = makeActivities(plan);
  return {
    plan,
    activities,
    deliveries: [
      activityDelivery(plan, activities),
      ...makeCostFiles(plan),
      ...makePaymentFiles(plan, netByClientMonth(orders)),
      ...makeOrderFiles(plan, orders),
      ...makeTaxFiles(plan, netByTaxLine(orders)),
    ],
  };
}

/** Where the records of the API are under the project folder. */
export function activityPath(projectDir: string): string {
  return path.join(projectDir, activityFile);
}

/**
 * Writes the files of all deliveries under the project folder, and `data/expected.json`, what
 * loading them should come to. Each file appears whole and carries the morning it came as its time.
 */
export async function writeCompany(projectDir: string, company: Company): Promise<Manifest> {
  const { plan, deliveries, activities } = company;
  for (const { slot, bytes, deliveredOn } of deliveries) {
    if (bytes === undefined) continue;
    const file = path.join(projectDir, slot);
    await writeWhole(file, bytes);
    const at = new Date(`${deliveredOn}T04:00:00Z`);
    await utimes(file, at, at);
  }
  await writeWhole(
    activityPath(projectDir),
    Buffer.from(activities.map((record) => `${record.json}\n`).join('')),
  );
  const manifest = expect(plan, deliveries);
  await writeWhole(
    path.join(projectDir, 'data/expected.json'),
    Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  );
  return manifest;
}

/** Writes beside the file and renames: nobody ever reads a part, and two that write it at once do not meet. */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const part = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
  await writeFile(part, bytes);
  await rename(part, file);
}

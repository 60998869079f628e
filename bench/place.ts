import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from 'pg';

import { openWarehouse } from '../src/warehouse/warehouse.ts';

/** An embedded Postgres and a landing of a bench's own. */
export interface Place {
  readonly projectDir: string;
  /** As the owner. */
  readonly client: Client;
  readonly emptyLanding: () => Promise<void>;
  /** Stops the Postgres and removes all of it. */
  readonly remove: () => Promise<void>;
}

export async function openPlace(dataDir: string): Promise<Place> {
  const projectDir = join(dataDir, 'project');
  const landing = join(projectDir, '.plumbline', 'landing');
  await rm(projectDir, { recursive: true, force: true });
  const warehouse = await openWarehouse({ projectDir });
  const client = await warehouse.connect('owner');
  return {
    projectDir,
    client,
    emptyLanding: () => rm(landing, { recursive: true, force: true }),
    remove: async () => {
      await client.end();
      await warehouse.close();
      await rm(projectDir, { recursive: true, force: true });
    },
  };
}

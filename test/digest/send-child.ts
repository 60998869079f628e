import { tmpdir } from 'node:os';

import { runDigest } from '../../src/digest/run-digest.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import { costs, costsProject } from './digest-project.ts';

// A process of its own that sends a digest, for a test that kills it: `send-child.ts URL SMTP OCCURRENCE`.
const [url = '', smtp = '', occurrence = ''] = process.argv.slice(2);
const warehouse = await openWarehouse({ projectDir: tmpdir(), url });
await runDigest({
  name: 'morning-costs',
  digest: costs,
  project: costsProject,
  mail: { from: 'numbers@acme.example', smtp, dashboards: undefined },
  warehouse,
  outboxDir: tmpdir(),
  occurrence,
  now: () => '2026-06-30T06:00:01Z',
});

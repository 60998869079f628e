import type { Terminal } from 'plumbline/runtime';

import type { Plan } from '../plan/plan.ts';
import { connectionDetails } from '../proxy/connection-details.ts';
import type { StackOutputs } from './stack-outputs.ts';

/** How each BI tool is told to connect, for every user of the database; no password among it. */
export function printConnections(plan: Plan, outputs: StackOutputs, terminal: Terminal): void {
  const { print, paint } = terminal;
  const details = Object.entries(outputs.UserSecrets).map(([user, secret]) =>
    connectionDetails({
      plan,
      user,
      secret,
      proxyAddress: outputs.ProxyAddress,
      databaseHost: outputs.DatabaseEndpoint,
    }),
  );
  terminal.result({ ok: true, connections: details });
  if (details.length === 0) {
    print('There are no users: write them into `access.users` in plumbline.config.ts and deploy.');
  }
  for (const each of details) {
    print(`${paint.strong(each.user)} reads ${each.schemas.join(', ')}`);
    print(`  Password      ${paint.link(each.password)}`);
    print(`  Certificates  ${paint.link(each.certificates)}`);
    print(`  Hosts line    ${each.hostsLine}`);
    for (const { tool, fields, paste, steps } of each.tools) {
      print(`  ${paint.strong(tool)}`);
      if (paste !== undefined) print(`    ${paste}`);
      for (const [name, value] of Object.entries(fields)) print(`    ${name}: ${value}`);
      for (const step of steps) print(`    ${paint.faint(step)}`);
    }
    print();
  }
}

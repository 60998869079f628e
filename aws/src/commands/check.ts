import { formatTable } from 'plumbline/runtime';
import type { Cell, Run } from 'plumbline/runtime';

import { readPlan } from '../plan/read-plan.ts';

/** `plumbline check --aws`: reads the project and its settings for AWS, asks AWS nothing, and says what is to be. */
export const run: Run = async ({ terminal, start }) => {
  const { plan } = await readPlan(start);
  const { print, paint } = terminal;
  const counts = [
    `${plan.functions.length} functions`,
    `${plan.schedules.length} schedules`,
    `${plan.secrets.length} secrets`,
    `addresses let in: ${plan.access.allow.map(({ note }) => note).join(', ') || 'none'}`,
  ].join(', ');
  print(`${paint.good('No mistakes')} in what is to be on AWS: ${plan.name}, ${counts}`);
  const rows = plan.schedules.map(({ job, description, expression, guard = '' }): Cell[] => [
    job,
    description,
    expression,
    { text: guard, paint: paint.faint },
  ]);
  if (rows.length > 0) {
    print();
    const columns = [{ title: 'job' }, { title: 'schedule' }, { title: plan.zone }, { title: '' }];
    for (const line of formatTable(columns, rows, paint.faint)) print(line);
  }
  for (const { setting, value, reason } of plan.optOuts) {
    print(`${paint.notice('Given up')}: ${setting} is ${value}, because: ${reason}`);
  }
  terminal.result({
    ok: true,
    name: plan.name,
    region: plan.region,
    functions: plan.functions.map(({ id }) => id),
    schedules: plan.schedules.map(({ job, expression, zone, guard = null }) => ({
      job,
      expression,
      zone,
      guard,
    })),
    secrets: plan.secrets,
    optOuts: plan.optOuts,
  });
  return 0;
};

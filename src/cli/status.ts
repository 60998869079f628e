import { readStatus } from '../run/read-status.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { printStatus } from './print-status.ts';
import { runOnAws } from './run-on-aws.ts';

/** `plumbline status`: exit code 1 when something needs attention. */
export const run: Run = async (invocation) => {
  const { terminal, start, options } = invocation;
  if (options['aws'] === true) return runOnAws('status')(invocation);
  const open = await openProject({ start, terminal, setup: false });
  try {
    const status = await readStatus(open, new Date().toISOString());
    terminal.result(status);
    if (!terminal.json) printStatus(status, { terminal, ...open.project.config });
    return status.ok ? 0 : 1;
  } finally {
    await open.close();
  }
};

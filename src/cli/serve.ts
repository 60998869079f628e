import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { serveDashboards } from './serve-dashboards.ts';
import { untilAborted } from './until-aborted.ts';

/** `plumbline serve`: until Ctrl-C. */
export const run: Run = async ({ terminal, options, start, signal }) => {
  const port = wholeNumber('--port', options['port'], { min: 0, max: 65_535 });
  const open = await openProject({ start, terminal, setup: false });
  try {
    const { project } = open;
    const server = await serveDashboards({ project: () => project, open, port, terminal });
    try {
      terminal.print(`${project.config.company} at ${terminal.paint.link(server.url)}`);
      terminal.print(terminal.paint.faint('Ctrl-C stops it.'));
      terminal.result({ ok: true, url: server.url });
      await untilAborted(signal);
    } finally {
      await server.close();
    }
    return 0;
  } finally {
    await open.close();
  }
};

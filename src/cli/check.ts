import { findProject } from '../project/folder.ts';
import { readProject } from '../project/read-project.ts';
import type { Run } from './command.ts';
import { runOnAws } from './run-on-aws.ts';

/** `plumbline check`: reads the project as every command does, and stops there; `--aws`: with its settings for AWS. */
export const run: Run = async (invocation) => {
  const { terminal, start, options } = invocation;
  if (options['aws'] === true) return runOnAws('check')(invocation);
  const started = performance.now();
  const { config, ...project } = await readProject(await findProject(start));
  const ms = Math.round(performance.now() - started);
  const counts = {
    sources: project.sources.size,
    models: project.models.length,
    procedures: project.procedures.length,
    checks:
      project.checks.length + project.models.reduce((sum, model) => sum + model.checks.length, 0),
    dashboards: project.dashboards.size,
    digests: project.digests.size,
  };
  const listed = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${count === 1 ? what.slice(0, -1) : what}`);
  terminal.print(
    `${terminal.paint.good('No mistakes')} in ${config.company}: ${listed.join(', ') || 'an empty project'} (${ms} ms)`,
  );
  terminal.result({ ok: true, ...counts });
  return 0;
};

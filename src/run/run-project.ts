import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { LoadEvent } from '../load/load-options.ts';
import type { SourceResult } from '../load/result.ts';
import type { ReleaseEvent, ReleaseResult } from '../model/release-result.ts';
import type { Project } from '../project/project.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { loadProjectSource } from './load-project-source.ts';
import type { ProjectAtWork } from './project-at-work.ts';
import { recordRun } from './record-run.ts';
import { releaseProject } from './release-project.ts';

/** What a run did: the sources that were loaded, then the release. */
export interface RunResult {
  /** Every source balanced, the models were released, no check of level error failed. */
  readonly ok: boolean;
  readonly sources: readonly SourceResult[];
  readonly release: ReleaseResult;
  /** There are sources, and no delivery of any has ever been loaded: the release shows nothing. */
  readonly nothingLoaded?: boolean;
}

/** Told while it runs, for the display of progress. */
export type RunEvent =
  | { readonly kind: 'source-started'; readonly name: string }
  | { readonly kind: 'source-finished'; readonly result: SourceResult }
  | { readonly kind: 'load'; readonly event: LoadEvent }
  | { readonly kind: 'release'; readonly event: ReleaseEvent };

export interface RunProjectOptions {
  readonly open: ProjectAtWork;
  /** Sources to load, in the project's order; default all. Throws `usage` for one that is not there. */
  readonly names?: readonly string[];
  /** Write a run by hand for each source to `plumbline.run`; a scheduled one is the worker's to record. */
  readonly recorded: boolean;
  /** ISO instant of "now". */
  readonly now: () => string;
  readonly signal: AbortSignal;
  /** ISO instant after which sources begin nothing new, where they can stop. */
  readonly deadline?: string;
  readonly onEvent?: (event: RunEvent) => void;
}

/**
 * Loads sources one after the other, then makes a release. A source that fails does not stop the
 * others: it is in the result. Throws when the run is interrupted or the warehouse is gone.
 */
export async function runProject(options: RunProjectOptions): Promise<RunResult> {
  const { open, signal, onEvent } = options;
  const { warehouse } = open;
  const results: SourceResult[] = [];
  for (const name of chooseSources(open.project, options.names)) {
    signal.throwIfAborted();
    onEvent?.({ kind: 'source-started', name });
    const load = (): Promise<SourceResult> =>
      loadProjectSource({
        ...options,
        name,
        onEvent: (event) => onEvent?.({ kind: 'load', event }),
      });
    const result = options.recorded
      ? await recordRun({ warehouse, job: name, isOk: (each) => each.balanced }, load)
      : await load();
    for (const each of [result, ...result.children]) {
      results.push(each);
      onEvent?.({ kind: 'source-finished', result: each });
    }
  }
  signal.throwIfAborted();
  const release = await releaseProject({
    ...options,
    onEvent: (event) => onEvent?.({ kind: 'release', event }),
  });
  const failed = release.checks.failed.some((check) => check.level === 'error');
  const balanced = results.every((result) => result.balanced);
  const ok = balanced && release.released && !failed;
  const nothingLoaded = results.length > 0 && !(await hasLoaded(warehouse));
  return { ok, sources: results, release, ...(nothingLoaded ? { nothingLoaded } : {}) };
}

async function hasLoaded(warehouse: Warehouse): Promise<boolean> {
  const { rowCount } = await warehouse
    .pool('reader')
    .query(`select from plumbline.batch where state in ('loaded', 'superseded') limit 1`);
  return rowCount === 1;
}

/**
 * The sources named, in the project's order; all when none is. A child table is loaded with its
 * source. Throws `usage` for one that is not there.
 */
export function chooseSources(
  { sources, digests }: Project,
  names: readonly string[] | undefined,
): readonly string[] {
  const known = [...sources.keys()];
  const loaded = known.filter((name) => sources.get(name)?.childOf === undefined);
  if (names === undefined || names.length === 0) return loaded;
  for (const name of names) {
    if (sources.has(name)) continue;
    const meant = suggest(name, known);
    throw new PlumblineError('usage', {
      message: `There is no source '${name}'.`,
      remedy: digests.has(name)
        ? `It is a digest: \`plumbline digest ${name}\`.`
        : meant === undefined
          ? `Sources are ${known.join(', ') || 'none yet'}.`
          : `Did you mean '${meant}'?`,
    });
  }
  const wanted = new Set(names.map((name) => sources.get(name)?.childOf ?? name));
  return loaded.filter((name) => wanted.has(name));
}

import type { Dashboard, Digest } from '../dashboard/definition.ts';
import { childSources } from '../source/child-source.ts';
import type { Source } from '../source/source.ts';
import { completeConfig } from './config.ts';
import type { ConfigInput } from './config.ts';
import type { Environment } from './environment.ts';
import type { Project } from './project.ts';
import { withFileOfFunctions } from './with-file-of-functions.ts';

/** A file of a project with its default export. */
export interface ValueFile<T> {
  readonly name: string;
  readonly value: T;
  /** The file's text; only that of sources matters. */
  readonly text?: string;
}

/** A SQL file of a project. */
export interface TextFile {
  readonly name: string;
  /** Path under the project folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

/** What a project is made of, already read; what a job does not need may be left out. */
export interface ProjectParts {
  readonly config: ConfigInput;
  readonly sources?: readonly ValueFile<Source>[];
  /** The folder of a model is its schema. */
  readonly models?: readonly (TextFile & { readonly schema: string })[];
  readonly procedures?: readonly TextFile[];
  readonly checks?: readonly TextFile[];
  readonly dashboards?: readonly ValueFile<Dashboard>[];
  readonly digests?: readonly ValueFile<Digest>[];
}

/**
 * Puts a project together from its parts, for code that carries its project within itself and has no
 * folder to read. It checks nothing: `readProject` has, where the parts came from.
 */
export async function assembleProject(
  parts: ProjectParts,
  place: { readonly dir: string; readonly env: Environment },
): Promise<Project> {
  const sources = new Map<string, Source>();
  for (const { name, value, text = '' } of parts.sources ?? []) {
    const source = withFileOfFunctions(value, text);
    sources.set(name, source);
    for (const [child, table] of childSources(name, source)) sources.set(child, table);
  }
  return {
    dir: place.dir,
    config: completeConfig(parts.config, place.env),
    sources,
    ...(await parseTexts(parts)),
    dashboards: valuesOf(parts.dashboards),
    digests: valuesOf(parts.digests),
  };
}

const valuesOf = <T>(files: readonly ValueFile<T>[] = []): ReadonlyMap<string, T> =>
  new Map(files.map(({ name, value }) => [name, value]));

/** Postgres's parser is loaded only where there is SQL: it takes 40 ms and two megabytes. */
async function parseTexts({
  models = [],
  procedures = [],
  checks = [],
}: ProjectParts): Promise<Pick<Project, 'models' | 'procedures' | 'checks'>> {
  if (models.length + procedures.length + checks.length === 0) {
    return { models: [], procedures: [], checks: [] };
  }
  const [{ parseModel }, { parseProcedure }, { parseCheckFile }] = await Promise.all([
    import('../model/parse-model.ts'),
    import('../model/parse-procedure.ts'),
    import('../model/parse-check-file.ts'),
  ]);
  return {
    models: models.map(({ name, file, schema, text }) =>
      parseModel(text, { file, schema, relation: name }),
    ),
    procedures: procedures.map((each) => parseProcedure(each.text, each)),
    checks: checks.map((each) => parseCheckFile(each.text, each)),
  };
}

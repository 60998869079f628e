import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { z } from 'zod';

import { suggest } from '../contract/suggest.ts';
import type { Dashboard, Digest } from '../dashboard/definition.ts';
import { PlumblineError } from '../errors.ts';
import type { Mistake } from '../errors.ts';
import type { Check, Model, Procedure } from '../model/model.ts';
import { orderModels } from '../model/order-models.ts';
import { parseCheckFile } from '../model/parse-check-file.ts';
import { parseModel } from '../model/parse-model.ts';
import { parseProcedure } from '../model/parse-procedure.ts';
import { childSources } from '../source/child-source.ts';
import type { Source } from '../source/source.ts';
import { accessMistakes, schemaMistakes } from './access-mistakes.ts';
import { completeConfig, configSchema } from './config.ts';
import type { ConfigInput } from './config.ts';
import { dashboardSchema, digestSchema } from './dashboard-schema.ts';
import { readEnvironment } from './environment.ts';
import { findConfig, listFolder, misspeltFolders } from './folder.ts';
import type { NamedFile, ProjectFolder } from './folder.ts';
import { importFile, nextVersion, ownExports } from './import-file.ts';
import { mistakesOf, mistakesOfError, suggestName } from './mistakes.ts';
import type { Project } from './project.ts';
import { queryMistakes } from './query-mistakes.ts';
import { describeExport, isSource, sourceMistakes } from './source-mistakes.ts';
import { withFileOfFunctions } from './with-file-of-functions.ts';

/** Reading goes on after a mistake, so that all of them are found at once. */
interface Reading {
  readonly dir: string;
  readonly version: number;
  readonly mistakes: Mistake[];
}

const typescript = ['.ts', '.js'];

/** The relation of a source: `partner-orders` is `partner_orders`. */
export function relationOf(source: string): string {
  return source.replaceAll('-', '_');
}

/**
 * Reads a project folder into one checked value, anew at every call. Nothing is reached but the
 * folder: no warehouse, no source.
 *
 * Throws `project-not-found`, and `project-invalid` with every mistake that was found.
 */
export async function readProject(
  dir: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Project> {
  const configName = await findConfig(dir);
  if (configName === undefined) {
    throw new PlumblineError('project-not-found', {
      message: `There is no plumbline.config.ts in ${dir}.`,
    });
  }
  const reading: Reading = {
    dir,
    version: nextVersion(),
    mistakes: [...(await misspeltFolders(dir))],
  };
  const input = await readConfig(reading, configName);
  const config = completeConfig(input, await readEnvironment(dir, { variables }));
  const [sources, models, procedures, checks, dashboards, digests] = await Promise.all([
    readSources(reading, config.zone),
    readModels(reading),
    readSql(reading, 'procedures', parseProcedure),
    readSql(reading, 'checks', parseCheckFile),
    readValues<Dashboard>(reading, 'dashboards', dashboardSchema),
    readValues<Digest>(reading, 'digests', digestSchema),
  ]);
  const project = { dir, config, sources, models, procedures, checks, dashboards, digests };
  // Names that a broken file would have made are missing: what refers to them is no second mistake.
  if (reading.mistakes.length === 0) checkTogether(reading, project, configName);
  if (reading.mistakes.length > 0) throw invalidProject(reading.mistakes);
  return project;
}

function invalidProject(mistakes: readonly Mistake[]): PlumblineError {
  const sorted = mistakes.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const count = sorted.length === 1 ? 'One mistake' : `${sorted.length} mistakes`;
  return new PlumblineError('project-invalid', {
    message: `${count} in the project's files.`,
    mistakes: sorted,
  });
}

/** The default export of a file; undefined, with a mistake noted, when it cannot be had. */
async function importDefault(reading: Reading, { file, path }: NamedFile): Promise<unknown> {
  try {
    const module = await importFile(path, reading.version);
    return module['default'];
  } catch (error) {
    const meant = suggestName(error, await ownExports());
    const found = mistakesOfError(error, file).map((each) => ({ ...each, ...meant, file }));
    reading.mistakes.push(...found);
    return broken;
  }
}

/** Stands for a file whose mistake is noted already. */
const broken = Symbol('broken');

async function readConfig(reading: Reading, name: string): Promise<ConfigInput> {
  const fallback: ConfigInput = { company: '' };
  const value = await importDefault(reading, { name, file: name, path: join(reading.dir, name) });
  if (value === broken) return fallback;
  if (value === null || typeof value !== 'object') {
    reading.mistakes.push({
      file: name,
      message: `found ${describeExport(value)}`,
      expected: 'export default defineConfig({ company: … })',
    });
    return fallback;
  }
  const mistakes = mistakesOf(configSchema, value);
  reading.mistakes.push(...mistakes.map((each) => ({ file: name, ...each })));
  // The cast: the schema has just accepted it, or at least the part that is looked at here.
  const input = value as ConfigInput;
  const isAccepted = !mistakes.some(({ place = '' }) => place.startsWith('access'));
  const found = isAccepted && input.access !== undefined ? accessMistakes(input.access) : [];
  reading.mistakes.push(...found.map((each) => ({ file: name, ...each })));
  return mistakes.length > 0 ? fallback : input;
}

async function list(reading: Reading, folder: string, extensions: readonly string[]) {
  const { files, mistakes } = await listFolder(reading.dir, folder, extensions);
  reading.mistakes.push(...mistakes);
  return files;
}

async function readSources(reading: Reading, zone: string): Promise<ReadonlyMap<string, Source>> {
  const sources = new Map<string, Source>();
  const files = await list(reading, 'sources', typescript);
  for (const named of files) {
    const value = await importDefault(reading, named);
    if (value === broken) continue;
    if (!isSource(value)) {
      reading.mistakes.push({
        file: named.file,
        message: `found ${describeExport(value)}`,
        expected: 'export default csv({ … }), excel({ … }) or api({ … })',
      });
      continue;
    }
    const mistakes = sourceMistakes(value, zone);
    reading.mistakes.push(...mistakes.map((each) => ({ file: named.file, ...each })));
    const source = withFileOfFunctions(value, await readFile(named.path, 'utf8'));
    sources.set(named.name, source);
    for (const [name, child] of childSources(named.name, source)) {
      const taken = sources.has(name) || files.some((file) => file.name === name);
      if (taken) reading.mistakes.push(takenByChild(name, named));
      else sources.set(name, child);
    }
  }
  return sources;
}

function takenByChild(name: string, { file }: NamedFile): Mistake {
  return {
    file,
    place: 'children',
    message: `a child table is called '${name}', as another source is`,
    expected: 'a name under `children` that gives a table of its own',
  };
}

async function readModels(reading: Reading): Promise<readonly Model[]> {
  const misplaced = await list(reading, 'models', ['.sql']);
  for (const { file, name } of misplaced) {
    reading.mistakes.push({
      file,
      message: 'is in no schema: the folder of a model is its schema',
      suggestion: `models/marts/${name}.sql`,
    });
  }
  const entries = await readdir(join(reading.dir, 'models'), { withFileTypes: true }).catch(
    () => [],
  );
  const schemas = entries.filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name));
  const models: Model[] = [];
  for (const schema of schemas.map((entry) => entry.name).sort()) {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) {
      reading.mistakes.push({
        file: `models/${schema}/`,
        message: 'the folder name cannot be a schema',
        expected: 'small letters, digits and _, a letter first',
      });
      continue;
    }
    for (const named of await list(reading, `models/${schema}`, ['.sql'])) {
      const model = await parseSql(reading, named, (text, place) =>
        parseModel(text, { file: place.file, schema, relation: place.name }),
      );
      if (model !== undefined) models.push(model);
    }
  }
  return models;
}

type Parse<T> = (text: string, place: { file: string; name: string }) => T;

async function parseSql<T>(
  reading: Reading,
  named: NamedFile,
  parse: Parse<T>,
): Promise<T | undefined> {
  try {
    return parse(await readFile(named.path, 'utf8'), named);
  } catch (error) {
    reading.mistakes.push(...mistakesOfError(error, named.file));
    return undefined;
  }
}

async function readSql<T extends Procedure | Check>(
  reading: Reading,
  folder: ProjectFolder,
  parse: Parse<T>,
): Promise<readonly T[]> {
  const parsed: T[] = [];
  for (const named of await list(reading, folder, ['.sql'])) {
    const value = await parseSql(reading, named, parse);
    if (value !== undefined) parsed.push(value);
  }
  return parsed;
}

async function readValues<T>(
  reading: Reading,
  folder: ProjectFolder,
  schema: z.ZodType,
): Promise<ReadonlyMap<string, T>> {
  const values = new Map<string, T>();
  const builder = folder.slice(0, -1);
  for (const named of await list(reading, folder, typescript)) {
    const value = await importDefault(reading, named);
    if (value === broken) continue;
    if (value === null || typeof value !== 'object') {
      reading.mistakes.push({
        file: named.file,
        message: `found ${describeExport(value)}`,
        expected: `export default ${builder}({ … })`,
      });
      continue;
    }
    const mistakes = mistakesOf(schema, value);
    reading.mistakes.push(...mistakes.map((each) => ({ file: named.file, ...each })));
    // The cast: the schema has accepted it, or the mistakes keep the project from being used.
    values.set(named.name, value as T);
  }
  return values;
}

/** What can only be seen over several files. */
function checkTogether(reading: Reading, project: Project, configName: string): void {
  const { mistakes } = reading;
  const { models, procedures, checks } = project;
  const unknown = schemaMistakes(project.config.access.users, models);
  mistakes.push(...unknown.map((each) => ({ file: configName, ...each })));
  mistakes.push(...nameMistakes(project));
  const byFile = <T>(folder: string, values: ReadonlyMap<string, T>) =>
    new Map([...values].map(([name, value]) => [`${folder}/${name}.ts`, value]));
  mistakes.push(
    ...queryMistakes({
      models,
      procedures,
      checks,
      sourceRelations: [...project.sources.keys()].map((name) => relationOf(name)),
      dashboards: byFile('dashboards', project.dashboards),
      digests: byFile('digests', project.digests),
    }),
  );
  try {
    orderModels(models, procedures);
  } catch (error) {
    mistakes.push(...mistakesOfError(error, 'models/'));
  }
}

function nameMistakes(project: Project): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const relations = new Map<string, string>();
  for (const [name, { childOf = name }] of project.sources) {
    const other = relations.get(relationOf(name));
    if (other !== undefined) {
      mistakes.push({
        file: `sources/${childOf}.ts`,
        message: `its table clean.${relationOf(name)} is also that of sources/${other}.ts`,
      });
    }
    relations.set(relationOf(name), childOf);
  }
  for (const [name, digest] of project.digests) {
    const file = `digests/${name}.ts`;
    if (project.sources.has(name)) {
      mistakes.push({ file, message: `'${name}' is also a source; a job's name is its own` });
    }
    if (digest.dashboard !== undefined && !project.dashboards.has(digest.dashboard)) {
      const suggestion = suggest(digest.dashboard, project.dashboards.keys());
      mistakes.push({
        file,
        place: 'dashboard',
        message: `there is no dashboard '${digest.dashboard}'`,
        value: `'${digest.dashboard}'`,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
  }
  return mistakes;
}

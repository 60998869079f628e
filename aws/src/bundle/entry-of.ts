import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Config, ConfigInput, Project } from 'plumbline/runtime';

import type { FunctionPlan } from '../plan/plan.ts';

/** What a bundle is made for: a function, or the dashboards. */
export type Target = Pick<FunctionPlan, 'kind' | 'job'> | { readonly kind: 'web' };

/** The handlers' own files, which the entry imports, by what they export. */
const handlers = {
  ingest: ['ingest-handler', 'createIngestHandler'],
  release: ['release-handler', 'createReleaseHandler'],
  digest: ['digest-handler', 'createDigestHandler'],
  migrate: ['migrate-handler', 'createMigrateHandler'],
  web: ['serve-web', 'serveWeb'],
} as const;

/**
 * The text of a function's index: imports of exactly the project's files it needs, SQL as text, and
 * the handler they are given to. Settings of the project are values here: what `plumbline.config.ts`
 * does (its `setup`, what it imports) stays behind, and so does everything secret in it.
 */
export async function entryOf(
  project: Project,
  target: Target,
  { handlersDir, domain }: { readonly handlersDir: string; readonly domain: string | undefined },
): Promise<string> {
  const imports: string[] = [];
  const parts = [`config: ${JSON.stringify(settingsOf(project.config, target, domain))}`];
  const values = async (folder: string, names: readonly string[]): Promise<void> => {
    const entries: string[] = [];
    for (const name of names) {
      const path = fileOf(project, folder, name);
      const variable = `file${imports.length}`;
      imports.push(`import ${variable} from ${JSON.stringify(path)};`);
      // What its functions do decides whether deliveries are read again; see assembleProject.
      const text = folder === 'sources' ? await readFile(path, 'utf8') : undefined;
      entries.push(`{ name: ${JSON.stringify(name)}, value: ${variable}${textOf(text)} }`);
    }
    parts.push(`${folder}: [${entries.join(', ')}]`);
  };
  const all = [...project.sources].flatMap(([name, { childOf }]) =>
    childOf === undefined ? [name] : [],
  );
  const { kind } = target;
  await values('sources', kind === 'ingest' ? [target.job] : all);
  if (kind === 'digest') await values('digests', [target.job]);
  if (kind === 'migrate' || kind === 'web') await values('digests', [...project.digests.keys()]);
  if (kind === 'web') await values('dashboards', [...project.dashboards.keys()]);
  if (kind === 'release' || kind === 'digest' || kind === 'web') {
    parts.push(`models: ${JSON.stringify(await modelsOf(project))}`);
    parts.push(`procedures: ${JSON.stringify(await textsOf(project, procedureFiles(project)))}`);
  }
  if (kind === 'release') {
    parts.push(`checks: ${JSON.stringify(await textsOf(project, checkFiles(project)))}`);
  }
  // Users are let in to schemas, for which nobody needs the SQL in them.
  const schemas = [...new Set(project.models.map(({ schema }) => schema))].sort();
  const more =
    kind === 'migrate'
      ? `, schemas: ${JSON.stringify(schemas)}`
      : kind === 'ingest'
        ? `, freshness: ${JSON.stringify(freshnessOf(project))}`
        : '';
  const [file, create] = handlers[kind];
  imports.push(`import { ${create} } from ${JSON.stringify(handlerFile(handlersDir, file))};`);
  const given = `{ ${parts.join(', ')} }`;
  const use =
    kind === 'web'
      ? `await ${create}(${given});`
      : `export const handler = ${create}({ job: ${JSON.stringify(target.job)}, parts: ${given}${more} });`;
  return `${imports.join('\n')}\n${use}\n`;
}

/** Whichever source a function loads, it tells how many of all are late. */
const freshnessOf = ({ sources }: Project): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...sources].flatMap(([name, { freshness }]) =>
      freshness === undefined ? [] : [[name, freshness]],
    ),
  );

const textOf = (text: string | undefined): string =>
  text === undefined ? '' : `, text: ${JSON.stringify(text)}`;

/** From source this is TypeScript, as built JavaScript. */
function handlerFile(dir: string, name: string): string {
  const written = join(dir, `${name}.ts`);
  return existsSync(written) ? written : join(dir, `${name}.js`);
}

/** The file of a source, dashboard or digest: its name is the value's. */
function fileOf({ dir }: Project, folder: string, name: string): string {
  const files = ['.ts', '.js'].map((extension) => join(dir, folder, `${name}${extension}`));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`${folder}/${name} has no file in ${dir}`);
  return found;
}

/** Addresses with passwords (DATABASE_URL, SMTP_URL) are not in code: functions have their own. */
function settingsOf(config: Config, { kind }: Target, domain: string | undefined): ConfigInput {
  const { company, zone, locale, currency, mail, access } = config;
  // Where the proxy has a name, that is where mails lead: the address in the file is the laptop's.
  const dashboards = domain === undefined ? mail.dashboards : `https://${domain}`;
  const users = access.users.map(
    ({ name, schemas, connections }) => [name, { schemas, connections }] as const,
  );
  return {
    company,
    zone,
    locale,
    currency,
    mail: { from: mail.from, ...(dashboards !== undefined && { dashboards }) },
    ...(kind === 'migrate' && { access: { users: Object.fromEntries(users) } }),
  };
}

interface SqlFile {
  readonly name: string;
  readonly file: string;
}

const nameOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.sql$/, '');

const procedureFiles = ({ procedures }: Project): readonly string[] =>
  procedures.map(({ file }) => file);

/** Checks of a model stand in the model's own file. */
const checkFiles = ({ checks }: Project): readonly string[] => [
  ...new Set(checks.map(({ file }) => file).filter((file) => file.startsWith('checks/'))),
];

function textsOf(
  { dir }: Project,
  files: readonly string[],
): Promise<readonly (SqlFile & { readonly text: string })[]> {
  return Promise.all(
    files.map(async (file) => ({
      name: nameOf(file),
      file,
      text: await readFile(join(dir, file), 'utf8'),
    })),
  );
}

async function modelsOf(project: Project) {
  const texts = await textsOf(
    project,
    project.models.map(({ file }) => file),
  );
  return texts.map((each, index) => ({ ...each, schema: project.models[index]?.schema ?? '' }));
}

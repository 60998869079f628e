import { suggest } from 'plumbline/runtime';
import type { Place, Project, Source } from 'plumbline/runtime';

import { digestFile, sourceFile } from './job-file.ts';
import type { BucketRead, SecretPlan } from './plan.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';

/** Sources that are loaded by a function of their own; child tables are loaded with their parent. */
export function loadedSources(project: Project): readonly (readonly [string, Source])[] {
  return [...project.sources].filter(([, source]) => source.childOf === undefined);
}

/** A source that says nothing of itself, being of the project's own making, gets every variable. */
const isUndeclared = (source: Source): boolean =>
  source.place === undefined && source.settings === undefined;

/** Plain variables that a source reads, with the values of the settings file. */
export function variablesOf(planning: Planning, source: Source): Readonly<Record<string, string>> {
  const given = planning.settings.variables ?? {};
  if (isUndeclared(source)) return given;
  const names = (source.settings ?? [])
    .filter(({ kind }) => kind === 'setting')
    .map(({ name }) => name);
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
}

/** Names of the secrets a source reads. */
export function secretsOf(source: Source): readonly string[] {
  return (source.settings ?? []).filter(({ kind }) => kind === 'secret').map(({ name }) => name);
}

/** The variable with the address of the mail server, which holds its password. */
export const smtpSecret = 'SMTP_URL';

/** Every secret, each once, with the files that need it. */
export function planSecrets({ project }: Planning, name: string): readonly SecretPlan[] {
  const users = new Map<string, string[]>();
  const use = (secret: string, file: string): void => {
    users.set(secret, [...(users.get(secret) ?? []), file]);
  };
  for (const [source, definition] of loadedSources(project)) {
    for (const secret of secretsOf(definition)) use(secret, sourceFile(source));
  }
  for (const digest of project.digests.keys()) use(smtpSecret, digestFile(digest));
  return [...users].map(([secret, usedBy]) => ({
    name: secret,
    secretName: `${name}/${secret}`,
    usedBy,
  }));
}

/** Finds variables that nothing gives, that nothing reads, and secrets that were written down. */
export function checkVariables(planning: Planning): void {
  const { project } = planning;
  const given = planning.settings.variables ?? {};
  const sources = loadedSources(project);
  const read = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const [name, source] of sources) {
    for (const setting of source.settings ?? []) {
      (setting.kind === 'secret' ? secrets : read).set(setting.name, sourceFile(name));
      if (setting.kind === 'secret' || setting.fallback !== undefined) continue;
      if ((given[setting.name] ?? '') !== '') continue;
      settingMistake(planning, {
        place: `variables.${setting.name}`,
        message: `${sourceFile(name)} reads setting('${setting.name}'), and nothing gives it`,
        expected: `variables: { ${setting.name}: '…' }`,
      });
    }
  }
  if (project.digests.size > 0) secrets.set(smtpSecret, 'a digest');
  for (const name of Object.keys(given)) {
    const place = `variables.${name}`;
    const reader = secrets.get(name);
    if (reader !== undefined) {
      const message = `${name} is a secret of ${reader}, and this file is under git`;
      const expected = 'no such variable: its value is put into Secrets Manager at the deploy';
      settingMistake(planning, { place, message, expected });
    } else if (!read.has(name) && !sources.some(([, source]) => isUndeclared(source))) {
      const near = suggest(name, read.keys());
      settingMistake(planning, {
        place,
        message: `no source reads setting('${name}')`,
        expected: read.size === 0 ? 'no variables' : `one of ${[...read.keys()].join(', ')}`,
        ...(near === undefined ? {} : { suggestion: near }),
      });
    }
  }
}

/** The part of AWS that a source's files are in; undefined: they come from outside, or from a folder. */
export function bucketOf(place: Place | undefined) {
  return place?.kind === 's3' && !place.isElsewhere ? place : undefined;
}

const wildcards = /[*?[\]{}]/;

/** What a pattern of keys begins with, up to its first wildcard, and ends with, from its last. */
export function endsOf(pattern: string): { readonly prefix: string; readonly suffix: string } {
  const first = pattern.search(wildcards);
  if (first === -1) return { prefix: pattern, suffix: '' };
  const last = Math.max(...['*', '?', '[', ']', '{', '}'].map((mark) => pattern.lastIndexOf(mark)));
  return { prefix: pattern.slice(0, first), suffix: pattern.slice(last + 1) };
}

/** Objects that a source's function may read. */
export function readsOf({ settings }: Planning, source: Source): readonly BucketRead[] {
  const place = bucketOf(source.place);
  if (place === undefined) return [];
  const { prefix } = endsOf(place.pattern);
  return [{ bucket: ownBucket(place.bucket, settings.landing?.bucket), prefix }];
}

/** Undefined for the stack's own bucket, as the plan has it. */
export function ownBucket(bucket: string, own: string | undefined): string | undefined {
  return bucket === own ? undefined : bucket;
}

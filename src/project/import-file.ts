import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import type { ResolveFnOutput } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * What `plumbline` means in a project's files: the plumbline that reads them, wherever the project
 * lies and whatever is installed beside it. From source this is TypeScript, as built JavaScript.
 */
const ownIndex = new URL(
  import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js',
  import.meta.url,
).href;

/** Plumbline's own files: one copy of them, however a project comes by them. */
const ownFiles = new URL('..', import.meta.url).href;

/** Files of a project carry this in their URL; what they import relatively inherits it. */
const versioned = /\?plumbline=(\d+)$/;

/** What other packages are to a project's files, and to those packages themselves, by name. */
const provided = new Map<string, string>();

let registered = false;
let latestVersion = 0;

/**
 * A number for one reading of a project. Node keeps every module by its URL for good: files read
 * under a new number are read anew, together with the files they import.
 */
export function nextVersion(): number {
  latestVersion += 1;
  return latestVersion;
}

/**
 * Imports a `.ts` or `.js` file of a project; Node strips the types. Throws what the file throws
 * while it is evaluated, and a SyntaxError when it cannot be parsed.
 */
export async function importFile(
  path: string,
  version: number,
): Promise<Readonly<Record<string, unknown>>> {
  register();
  const url = `${pathToFileURL(path).href}?plumbline=${version}`;
  // The cast: a module namespace is an object of whatever the file exports.
  return (await import(url)) as Readonly<Record<string, unknown>>;
}

/**
 * From now on `specifier` means the module at `url`: in a project's files, wherever the project lies,
 * and in every package that imports it. So there is one copy of it, and its errors are known again.
 */
export function provideModule(specifier: string, url: string): void {
  provided.set(specifier, url);
  register();
}

/** What a project's files can import from `plumbline`. */
export async function ownExports(): Promise<Readonly<Record<string, unknown>>> {
  // The cast: a module namespace is an object of what the module exports.
  return (await import(ownIndex)) as Readonly<Record<string, unknown>>;
}

function register(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      const parent = context.parentURL ?? '';
      const version = versioned.exec(parent)?.[0];
      if (versioned.test(specifier)) return asModule(specifier);
      const module = provided.get(specifier);
      if (module !== undefined) return next(module, context);
      if (version === undefined) return next(specifier, context);
      if (specifier === 'plumbline') return next(ownIndex, context);
      const beside = /^\.\.?\//.test(specifier) ? new URL(specifier, parent) : undefined;
      const ofProject =
        beside !== undefined &&
        !beside.href.startsWith(ownFiles) &&
        /\.[jt]s$/.test(beside.pathname) &&
        existsSync(beside);
      return ofProject ? asModule(beside.href + version) : next(specifier, context);
    },
  });
}

/**
 * Always an ES module: the nearest package.json need not say so, nor exist. Resolved here and not
 * by others, since a transpiler that resolves for itself would take such a file for CommonJS.
 */
function asModule(url: string): ResolveFnOutput {
  const format = /\.ts\?/.test(url) ? 'module-typescript' : 'module';
  return { url, format, shortCircuit: true };
}

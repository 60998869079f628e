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

function register(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      if (versioned.test(specifier)) return asModule(next(specifier, context));
      const version = versioned.exec(context.parentURL ?? '')?.[0];
      if (version === undefined) return next(specifier, context);
      if (specifier === 'plumbline') return next(ownIndex, context);
      const resolved = next(specifier, context);
      const ofProject =
        resolved.url.startsWith('file:') &&
        !resolved.url.includes('/node_modules/') &&
        !resolved.url.startsWith(ownFiles);
      return ofProject ? asModule({ ...resolved, url: resolved.url + version }) : resolved;
    },
  });
}

/** Always an ES module: the nearest package.json need not say so, nor exist. */
function asModule(resolved: ResolveFnOutput): ResolveFnOutput {
  const extension = /\.([a-z]+)(?:\?|$)/.exec(resolved.url)?.[1];
  if (extension === 'ts') return { ...resolved, format: 'module-typescript' };
  return extension === 'js' ? { ...resolved, format: 'module' } : resolved;
}

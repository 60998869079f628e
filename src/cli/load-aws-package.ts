import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { PlumblineError } from '../errors.ts';
import { findProject } from '../project/folder.ts';
import { provideModule } from '../project/import-file.ts';
import type { Run } from './command.ts';
import { ownVersion } from './own-version.ts';

/** What `@plumbline/aws` gives to the command line. */
export interface AwsPackage {
  /** By name; the code of each is loaded only when it runs. */
  readonly commands: Readonly<Record<string, () => Promise<{ readonly run: Run }>>>;
}

const packageName = '@plumbline/aws';
const isSource = import.meta.url.endsWith('.ts');
/** Only where the repository is, and is run from source. */
const workspaceSource = fileURLToPath(new URL('../../aws/src/index.ts', import.meta.url));

interface Found {
  /** The folder with its package.json, or the source. */
  readonly place: string;
  readonly entry: string;
}

/**
 * Loads `@plumbline/aws`: from source the workspace's own; otherwise what the project has installed,
 * then what lies beside plumbline. It and the project's files get the plumbline that runs, never a
 * second copy. Throws `aws-missing` and, when it is of another version, `aws-version`.
 */
export async function loadAwsPackage(start: string): Promise<AwsPackage> {
  const dir = await findProject(start).catch(() => start);
  const found = findPackage(dir);
  if (found === undefined) {
    throw missing(`This needs the package ${packageName}, which is not installed in ${dir}.`);
  }
  const url = pathToFileURL(found.entry).href;
  provideModule('plumbline/runtime', ownRuntime);
  provideModule(packageName, url);
  try {
    // The cast: its version is ours, and a test holds its exports against this type.
    return (await import(url)) as AwsPackage;
  } catch (error) {
    // A part of it that is not there; a mistake in it is not to be taken for that.
    if (!isNotFound(error)) throw error;
    throw missing(`${found.place} is not whole: ${error.message.split('\n')[0] ?? ''}.`, error);
  }
}

const ownRuntime = new URL(isSource ? '../runtime.ts' : '../runtime.js', import.meta.url).href;

function findPackage(projectDir: string): Found | undefined {
  if (isSource && existsSync(workspaceSource)) {
    return { place: workspaceSource, entry: workspaceSource };
  }
  for (const from of [join(projectDir, 'package.json'), fileURLToPath(import.meta.url)]) {
    const require = createRequire(from);
    try {
      const description = require.resolve(`${packageName}/package.json`);
      refuseOtherVersion(description);
      return { place: dirname(description), entry: require.resolve(packageName) };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
}

function refuseOtherVersion(description: string): void {
  // The cast: npm installs nothing without a version.
  const { version } = JSON.parse(readFileSync(description, 'utf8')) as { version: string };
  const own = ownVersion();
  if (version === own) return;
  throw new PlumblineError('aws-version', {
    message: `${packageName} ${version} in ${dirname(description)} does not fit plumbline ${own}; expected ${packageName} ${own}.`,
    remedy: `Run \`${installCommand()}\` in the project.`,
  });
}

const installCommand = (): string => `npm install ${packageName}@${ownVersion()}`;

function missing(message: string, cause?: unknown): PlumblineError {
  return new PlumblineError('aws-missing', {
    message,
    remedy: `Run \`${installCommand()}\` in the project.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function isNotFound(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND';
}

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the code lies that bundles are made of. From source these are TypeScript files of one
 * checkout; installed, the built JavaScript of two packages.
 */
export interface OwnFiles {
  /** The folder of the package plumbline, with `sql/` and `dist/assets/`. */
  readonly plumblineDir: string;
  /** What `plumbline` and `plumbline/runtime` mean in a bundle. */
  readonly index: string;
  readonly runtime: string;
  readonly handlersDir: string;
  /** From where the packages of the AWS SDK are found. */
  readonly awsDir: string;
}

export function findOwnFiles(): OwnFiles {
  const here = fileURLToPath(import.meta.url);
  const handlersDir = join(dirname(here), '..', 'handlers');
  const awsDir = join(dirname(here), '..', '..');
  if (here.endsWith('.ts')) {
    const plumblineDir = join(awsDir, '..');
    return {
      plumblineDir,
      index: join(plumblineDir, 'src', 'index.ts'),
      runtime: join(plumblineDir, 'src', 'runtime.ts'),
      handlersDir,
      awsDir,
    };
  }
  const require = createRequire(here);
  return {
    plumblineDir: dirname(require.resolve('plumbline/package.json')),
    index: fileURLToPath(import.meta.resolve('plumbline')),
    runtime: fileURLToPath(import.meta.resolve('plumbline/runtime')),
    handlersDir,
    awsDir,
  };
}

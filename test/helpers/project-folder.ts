import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A project folder of a test's own. */
export interface ProjectFolder {
  readonly dir: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

/** Writes files by path into a new folder outside the repository. */
export async function createProjectFolder(
  files: Readonly<Record<string, string>>,
): Promise<ProjectFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-project-'));
  const write = async (more: Readonly<Record<string, string>>): Promise<void> => {
    for (const [file, content] of Object.entries(more)) {
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), content);
    }
  };
  await write(files);
  return { dir, write, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Settings that are right. */
export const config = `import { defineConfig } from 'plumbline';
export default defineConfig({ company: 'Test & Co', zone: 'Europe/Berlin' });
`;

/** A CSV source whose contract has the given columns and options. */
export const csvSource = (columns: string, options = ''): string =>
  `import { column, csv, every, folder } from 'plumbline';
export default csv({ from: folder('data/*.csv'), columns: { ${columns} }, ${options} });
`;

import { cp, mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { OwnFiles } from './own-files.ts';

/**
 * Copies beside a bundle the files that its code reads as it runs: migrations always; fonts,
 * WebAssembly and the pages' assets where the code that reads them is in it.
 */
export async function copyFiles(
  folder: string,
  { own, inputs }: { readonly own: OwnFiles; readonly inputs: readonly string[] },
): Promise<void> {
  const { plumblineDir } = own;
  const require = createRequire(join(plumblineDir, 'package.json'));
  const has = (path: RegExp): boolean => inputs.some((input) => path.test(input));
  const sql = (await readdir(join(plumblineDir, 'sql'))).filter((name) => name.endsWith('.sql'));
  await mkdir(join(folder, 'sql'), { recursive: true });
  for (const name of sql) await cp(join(plumblineDir, 'sql', name), join(folder, 'sql', name));
  if (has(/libpg-query\.js$/)) {
    const wasm = join(dirname(require.resolve('libpg-query')), 'libpg-query.wasm');
    await cp(wasm, join(folder, 'libpg-query.wasm'));
  }
  if (has(/digest[\\/]render-png\.[jt]s$/)) {
    await copyPackageFiles('@resvg/resvg-wasm', ['index_bg.wasm']);
  }
  const isWeb = has(/web[\\/]assets\.[jt]s$/);
  if (isWeb || has(/digest[\\/]render-png\.[jt]s$/)) {
    const weights = ['400Regular', '500Medium', '600SemiBold'];
    const files = weights.map((weight) => `${weight}/Inter_${weight}.ttf`);
    await copyPackageFiles('@expo-google-fonts/inter', files);
  }
  if (isWeb) {
    await cp(join(plumblineDir, 'dist', 'assets'), join(folder, 'assets'), { recursive: true });
  }

  /** Where `require.resolve` finds them, with the package.json that it asks for. */
  async function copyPackageFiles(name: string, files: readonly string[]): Promise<void> {
    // A file of it is asked for: its package.json need not be among its exports.
    const first = require.resolve(`${name}/${files[0] ?? 'package.json'}`);
    const from = first.slice(0, first.length - (files[0] ?? 'package.json').length);
    const to = join(folder, 'node_modules', name);
    for (const file of ['package.json', ...files]) {
      await mkdir(dirname(join(to, file)), { recursive: true });
      await cp(join(from, file), join(to, file));
    }
  }
}

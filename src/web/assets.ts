import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PlumblineError } from '../errors.ts';

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

export interface Assets {
  /** The address of an asset by its plain name: `styles.css` is `/assets/styles-1f2e3d4c5b.css`. */
  readonly address: (name: string) => string;
  /** The asset under a name of the address; undefined when there is none. */
  readonly get: (name: string) => Asset | undefined;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ttf': 'font/ttf',
};

const fonts: Readonly<Record<string, string>> = {
  'inter-400.ttf': '400Regular/Inter_400Regular.ttf',
  'inter-500.ttf': '500Medium/Inter_500Medium.ttf',
  'inter-600.ttf': '600SemiBold/Inter_600SemiBold.ttf',
};

/**
 * The files pages refer to, each read once. They are in `dist/assets`, next to the built code and two
 * folders away from the sources. Only names of the manifest are served, so no address can leave the
 * folder. Throws `assets-missing` in a checkout that was not built.
 */
export function createAssets(): Assets {
  const folder = assetsFolder();
  // Written by scripts/build.ts as plain names to hashed ones.
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Record<
    string,
    string
  >;
  const require = createRequire(import.meta.url);
  const paths = new Map<string, () => string>([
    ...Object.values(manifest).map((name) => [name, () => join(folder, name)] as const),
    ...Object.entries(fonts).map(
      ([name, file]) => [name, () => require.resolve(`@expo-google-fonts/inter/${file}`)] as const,
    ),
  ]);
  const read = new Map<string, Asset>();
  return {
    address: (name) => `/assets/${manifest[name] ?? name}`,
    get: (name) => {
      const path = paths.get(name);
      if (path === undefined) return undefined;
      const known = read.get(name);
      if (known !== undefined) return known;
      const asset = {
        body: new Uint8Array(readFileSync(path())),
        type: types[extname(name)] ?? 'application/octet-stream',
      };
      read.set(name, asset);
      return asset;
    },
  };
}

function assetsFolder(): string {
  const places = ['./assets/', '../assets/', '../../dist/assets/'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const folder = places.find((place) => existsSync(join(place, 'manifest.json')));
  if (folder === undefined) {
    throw new PlumblineError('assets-missing', {
      message: `the style sheet and scripts of the pages are not built: ${places.at(-1) ?? ''} is missing`,
    });
  }
  return folder;
}

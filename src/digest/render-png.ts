import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { initWasm, Resvg } from '@resvg/resvg-wasm';

import { PlumblineError } from '../errors.ts';

/** Draws an SVG as PNG, twice as large as it says, on a transparent ground. */
export type RenderPng = (svg: string) => Uint8Array;

const weights = ['400Regular', '500Medium', '600SemiBold'] as const;

/** Pixels of the picture for each pixel on screen: sharp on screens of double density. */
const density = 2;

/** WebAssembly, so that one package draws on every machine; it can be started once in a process. */
let engine: Promise<void> | undefined;
let ownFonts: Promise<readonly Uint8Array[]> | undefined;

/**
 * Starts the renderer. Fonts are those shipped with Plumbline, so a picture is the same on every
 * machine. Throws `assets-missing`.
 */
export async function createPngRenderer(given?: readonly Uint8Array[]): Promise<RenderPng> {
  engine ??= startEngine();
  await engine;
  const fonts = given ?? (await (ownFonts ??= readFonts()));
  return (svg) => {
    const renderer = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: density },
      font: {
        loadSystemFonts: false,
        fontBuffers: [...fonts],
        defaultFontFamily: 'Inter',
        sansSerifFamily: 'Inter',
      },
    });
    try {
      const image = renderer.render();
      const png = image.asPng();
      image.free();
      return png;
    } finally {
      // Memory of WebAssembly is not collected.
      renderer.free();
    }
  };
}

const own = createRequire(import.meta.url);

async function startEngine(): Promise<void> {
  await initWasm(await readFile(own.resolve('@resvg/resvg-wasm/index_bg.wasm')));
}

/**
 * The TTFs of Inter. Without them, or given woff2, the renderer leaves all text out and says nothing:
 * so their absence is an error here.
 */
async function readFonts(): Promise<readonly Uint8Array[]> {
  const folder = dirname(own.resolve('@expo-google-fonts/inter/package.json'));
  const files = weights.map((weight) => join(folder, weight, `Inter_${weight}.ttf`));
  return Promise.all(
    files.map((file) =>
      readFile(file).catch((cause: unknown) => {
        throw new PlumblineError('assets-missing', {
          message: `The font ${file} is not there; charts would have no text.`,
          remedy: 'Install plumbline again: `npm ci`.',
          cause,
        });
      }),
    ),
  );
}

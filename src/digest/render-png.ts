import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Resvg } from '@resvg/resvg-js';

import { PlumblineError } from '../errors.ts';

const weights = ['400Regular', '500Medium', '600SemiBold'] as const;

/** Pixels of the picture for each pixel on screen: sharp on screens of double density. */
const density = 2;

let fontFiles: readonly string[] | undefined;

/**
 * The TTFs of Inter. Without them, or given woff2, the renderer leaves all text out and says nothing:
 * so their absence is an error here. Throws `assets-missing`.
 */
function findFonts(): readonly string[] {
  if (fontFiles !== undefined) return fontFiles;
  const own = createRequire(import.meta.url);
  const folder = dirname(own.resolve('@expo-google-fonts/inter/package.json'));
  const files = weights.map((weight) => join(folder, weight, `Inter_${weight}.ttf`));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new PlumblineError('assets-missing', {
      message: `The font ${missing} is not there; charts would have no text.`,
      remedy: 'Install plumbline again: `npm ci`.',
    });
  }
  fontFiles = files;
  return files;
}

/**
 * Draws an SVG as PNG, twice as large as it says, on a transparent ground. Fonts are those shipped
 * with Plumbline, so the picture is the same on every machine.
 */
export function renderPng(svg: string, fonts: readonly string[] = findFonts()): Uint8Array {
  return new Resvg(svg, {
    fitTo: { mode: 'zoom', value: density },
    font: {
      loadSystemFonts: false,
      fontFiles: [...fonts],
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
    },
  })
    .render()
    .asPng();
}

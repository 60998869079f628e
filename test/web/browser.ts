import sparticuz from '@sparticuz/chromium';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/**
 * A real Chromium, out of an npm package; its first start on a machine unpacks it (3 s). The package's
 * own arguments are for Lambda: one process, which ends with its first page, and no web security.
 */
export async function launchBrowser(furtherArguments: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: await sparticuz.executablePath(),
    // Chromium refuses its sandbox to root, which is who runs tests in many containers.
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--font-render-hinting=none',
      ...furtherArguments,
    ],
    headless: true,
  });
}

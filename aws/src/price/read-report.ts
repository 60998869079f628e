import { PlumblineError } from 'plumbline/runtime';

import type { MeasuredRun } from './cost-of-run.ts';

/**
 * Reads what Lambda writes at the end of an invocation, `REPORT … Billed Duration: 30000 ms Memory
 * Size: 1024 MB …`, or only `1024 MB, 30000 ms`. Throws `usage`.
 */
export function readReport(text: string): MeasuredRun {
  const billed =
    /Billed Duration:\s*(\d{1,9}) ms/i.exec(text) ?? /^[^:]*\b(\d{1,9}) ?ms\b/i.exec(text);
  const memory = /Memory Size:\s*(\d{1,5}) MB/i.exec(text) ?? /^[^:]*\b(\d{1,5}) ?MB\b/i.exec(text);
  if (billed?.[1] === undefined || memory?.[1] === undefined) {
    throw new PlumblineError('usage', {
      message: `--run has '${text.slice(0, 80)}'; expected the REPORT line of a log, or its memory and billed time such as '1024 MB, 30000 ms'`,
    });
  }
  return { billedMs: Number(billed[1]), memoryMb: Number(memory[1]) };
}

import { instantAfter, PlumblineError } from 'plumbline/runtime';

const short = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' } as const;

/** The instant so long ago: `'6 hours'` and `6h` alike; default an hour. Throws `usage`. */
export function sinceMs(value: string | boolean | undefined, nowMs: number): number {
  const text = typeof value === 'string' ? value : '1 hour';
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text.trim()) ?? [];
  // The cast: the pattern takes these four letters only.
  const words = amount === undefined ? text : `${amount} ${short[unit as keyof typeof short]}`;
  const ahead = instantAfter('--since', words, nowMs);
  if (ahead === undefined) throw new PlumblineError('usage', { message: '--since is empty.' });
  return nowMs - (Date.parse(ahead) - nowMs);
}

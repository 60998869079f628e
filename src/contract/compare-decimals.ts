/**
 * Compares two decimals given as text (`'-12.50'`), exactly: negative, zero or positive, as sort
 * functions want it. For custom rules, in which decimals are texts.
 */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(decimals(a), decimals(b));
  const difference = scaled(a, scale) - scaled(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const decimals = (text: string): number => text.split('.')[1]?.length ?? 0;

/** A decimal text times ten to the power of `scale`, which must cover its decimals. */
export function scaled(text: string, scale: number): bigint {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const value = BigInt(whole + fraction.padEnd(scale, '0'));
  return negative ? -value : value;
}

/** The inverse of `scaled`: `unscaled(-1250n, 2)` is `'-12.50'`. */
export function unscaled(value: bigint, scale: number): string {
  const text = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  return `${value < 0n ? '-' : ''}${whole}${scale > 0 ? `.${text.slice(text.length - scale)}` : ''}`;
}

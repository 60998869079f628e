/** Amounts are whole cents: sums of them stay exact. */
export type Cents = number;

/** `1234.50` */
export function plain(cents: Cents): string {
  return withMarks(cents, '', '.');
}

/** `1.234,50` */
export function german(cents: Cents): string {
  return withMarks(cents, '.', ',');
}

/** `1,234.50` */
export function american(cents: Cents): string {
  return withMarks(cents, ',', '.');
}

function withMarks(cents: Cents, group: string, mark: string): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replaceAll(/\B(?=(?:\d{3})+$)/gu, group);
  return `${cents < 0 ? '-' : ''}${whole}${mark}${digits.slice(-2)}`;
}

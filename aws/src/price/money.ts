/**
 * Money and quantities as whole numbers, since a sum of floats is not what is on the bill: dollars in
 * units of 10⁻¹², which holds the price of a millisecond, quantities in millionths.
 */
export type Picodollars = bigint;
export type Millionths = bigint;

const picoDigits = 12;
const microDigits = 6;

/** `0.0000133334` as 13333400n. Throws a TypeError for what is no decimal number of so many digits. */
export function dollars(text: string): Picodollars {
  return scaled(text, picoDigits);
}

/** `182.5` as 182500000n; a whole number may be a number. */
export function quantity(value: string | number): Millionths {
  return scaled(String(value), microDigits);
}

/** A part of a quantity, half a millionth rounded up: `share(quantity(53), 365n, 12n)`. */
export function share(value: Millionths, times: bigint, of: bigint): Millionths {
  return roundedQuotient(value * times, of);
}

/** Price times quantity, exact to 10⁻¹² dollars. */
export function product(price: Picodollars, amount: Millionths): Picodollars {
  return roundedQuotient(price * amount, 10n ** BigInt(microDigits));
}

/** Cents, half a cent rounded up. */
export function toCents(amount: Picodollars): bigint {
  return roundedQuotient(amount, 10n ** BigInt(picoDigits - 2));
}

/** `32.05` of 3205n. */
export function showCents(cents: bigint): string {
  return showScaled(cents, 2, 2);
}

/** A sum smaller than a cent, without zeros at its end: `0.00026667`. */
export function showDollars(amount: Picodollars): string {
  return showScaled(amount, picoDigits, 2);
}

/** `730`, `182.5`, `0.033333`. */
export function showQuantity(amount: Millionths): string {
  return showScaled(amount, microDigits, 0);
}

function scaled(text: string, digits: number): bigint {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === '' || fraction.length > digits) throw new TypeError(`'${text}' is no amount`);
  return BigInt(whole + fraction.padEnd(digits, '0'));
}

function showScaled(value: bigint, digits: number, digitsMin: number): string {
  const text = String(value).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(digitsMin, '0');
  const whole = text.slice(0, -digits);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** For what is not negative. */
function roundedQuotient(value: bigint, by: bigint): bigint {
  return (value + by / 2n) / by;
}

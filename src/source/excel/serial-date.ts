const dayMs = 86_400_000;
/** 9999-12-31, the last day Excel knows. */
const serialMax = 2_958_465;
/** Days from 1900-01-00 to 1904-01-01, Excel's two epochs. */
const epochDistance = 1462;

/**
 * ISO text of a spreadsheet's date serial, to the millisecond: `2026-03-31`, or
 * `2026-03-31T14:30:00` when it has a time. Undefined outside the years 1900 to 9999, which
 * Excel shows as `####`.
 *
 * Serials count days from 1900-01-01 = 1. Lotus 1-2-3 took 1900 for a leap year and Excel kept
 * it: serial 60 is 1900-02-29, and 0 is 1900-01-00. Both are given as Excel shows them, so that
 * the contract rejects days that never were. With `date1904`, 1904-01-01 = 0.
 */
export function formatSerialDate(serial: number, date1904: boolean): string | undefined {
  if (!(serial >= 0)) return undefined;
  let days = Math.floor(serial);
  let timeMs = Math.round((serial - days) * dayMs);
  if (timeMs === dayMs) {
    days += 1;
    timeMs = 0;
  }
  if (date1904) days += epochDistance;
  if (days > serialMax) return undefined;
  const date = neverWere.get(days) ?? isoDay(days < 60 ? days : days - 1);
  return timeMs === 0 ? date : `${date}T${formatTime(timeMs)}`;
}

const neverWere: ReadonlyMap<number, string> = new Map([
  [0, '1900-01-00'],
  [60, '1900-02-29'],
]);

/** A time of day (0 ≤ serial < 1) as ISO text. It needs some date: the day before Excel's first. */
export const formatSerialTime = (serial: number): string =>
  `1899-12-31T${formatTime(Math.round(serial * dayMs) % dayMs)}`;

/** `HH:mm:ss` of a number of days as hours that may exceed 24; a sign in front when negative. */
export function formatElapsed(days: number): string {
  const ms = Math.round(Math.abs(days) * dayMs);
  return `${days < 0 && ms > 0 ? '-' : ''}${formatTime(ms)}`;
}

/**
 * The day so many days after 1899-12-31. `civil_from_days` of
 * https://howardhinnant.github.io/date_algorithms.html, for years from 1 to 9999: four times as
 * fast as a `Date`, and a sheet may have a million of them.
 */
function isoDay(days: number): string {
  const fromMarch = days + 693_900;
  const era = Math.floor(fromMarch / 146_097);
  const dayOfEra = fromMarch - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${twoDigits(Math.floor(year / 100))}${twoDigits(year % 100)}-${twoDigits(month)}-${twoDigits(day)}`;
}

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

function formatTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const fraction = ms % 1000;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map(twoDigits).join(':');
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(3, '0')}`;
}

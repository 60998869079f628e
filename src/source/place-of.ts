import type { Location, Source } from './source.ts';

/** What a source says of its location. */
export function placeOf({ place, settings }: Location): Pick<Source, 'place' | 'settings'> {
  return { ...(place !== undefined && { place }), ...(settings !== undefined && { settings }) };
}

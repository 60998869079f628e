/** How a sparkline is drawn; a fluid one takes the width it is given. */
export interface SparklineOptions {
  readonly color: string;
  readonly heightPx: number;
  readonly width: number | 'fluid';
  /** The last point is a period that is not over: the way to it is dotted. */
  readonly unfinished: boolean;
}

/** A small line without axes. Decoration: the number beside it says what matters. Empty under two points. */
export function drawSparkline(
  values: readonly (number | null)[],
  options: SparklineOptions,
): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return '';
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const { heightPx, color } = options;
  const width = options.width === 'fluid' ? 200 : options.width;
  const inset = 2;
  const point = (value: number, index: number): string => {
    const x = (index / (values.length - 1)) * width;
    const y =
      span === 0 ? heightPx / 2 : inset + (1 - (value - low) / span) * (heightPx - 2 * inset);
    return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
  };
  const points = values.flatMap((value, index) => (value === null ? [] : [point(value, index)]));
  const solid = options.unfinished ? points.slice(0, -1) : points;
  const open = options.unfinished ? points.slice(-2) : [];
  const path = (run: readonly string[], look: string): string =>
    run.length < 2
      ? ''
      : `<path d="M${run.join('L')}" fill="none" stroke="${color}" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"${look}/>`;
  const size =
    options.width === 'fluid'
      ? `class="sparkline" width="100%" height="${heightPx}" preserveAspectRatio="none"`
      : `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${heightPx}"`;
  return `<svg ${size} viewBox="0 0 ${width} ${heightPx}" aria-hidden="true">${path(solid, '')}${path(open, ' stroke-dasharray="1 4"')}</svg>`;
}

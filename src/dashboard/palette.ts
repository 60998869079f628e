/** Colours of a chart, as SVG paints. */
export interface Palette {
  /** One a series; repeated when there are more series. */
  readonly series: readonly string[];
  readonly bar: string;
  readonly grid: string;
  readonly label: string;
  readonly surface: string;
}

/** CSS variables: one SVG serves light and dark, and a change of theme needs no new one. */
export const pagePalette: Palette = {
  series: ['var(--chart-1)', 'var(--chart-2)', 'var(--chart-3)', 'var(--chart-4)'],
  bar: 'var(--chart-2)',
  grid: 'var(--chart-grid)',
  label: 'var(--chart-label)',
  surface: 'var(--chart-surface)',
};

/** Plain colours on white, for email and PNG, which know no variables. */
export const printPalette: Palette = {
  series: ['#4f46e5', '#059669', '#d97706', '#0284c7'],
  bar: '#059669',
  grid: '#e5e7eb',
  label: '#5b6472',
  surface: '#ffffff',
};

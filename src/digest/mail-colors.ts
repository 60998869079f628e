import type { Palette } from '../dashboard/palette.ts';

/**
 * Colours of pictures in a mail. A picture is transparent and shows on white and on the dark ground
 * of a dark mail program alike, which CSS cannot tell it: so tones of the middle, with a contrast of
 * at least 3:1 on both for lines and 4:1 for text.
 */
export const mailPalette: Palette = {
  series: ['#6366f1', '#0d9f6e', '#c2710c', '#0f8ac4'],
  bar: '#0d9f6e',
  grid: 'rgba(120, 135, 160, 0.28)',
  label: '#6b778b',
  surface: 'none',
};

/** Colours of the HTML, written into each element: many mail programs drop style sheets. */
export const light = {
  page: '#f1f5f9',
  card: '#ffffff',
  border: '#e2e8f0',
  text: '#0f172a',
  muted: '#526077',
  accent: '#4f46e5',
  good: '#047857',
  bad: '#b91c1c',
  noticeGround: '#fffbeb',
  noticeText: '#78350f',
  noticeEdge: '#d97706',
  alarmGround: '#fef2f2',
  alarmText: '#7f1d1d',
  alarmEdge: '#dc2626',
} as const;

const dark: Readonly<Record<keyof typeof light, string>> = {
  page: '#04060b',
  card: '#0d1320',
  border: '#263044',
  text: '#e6eaf2',
  muted: '#9ba7ba',
  accent: '#a5a8fb',
  good: '#34d399',
  bad: '#f98080',
  noticeGround: '#2b2412',
  noticeText: '#fcd980',
  noticeEdge: '#d97706',
  alarmGround: '#31171b',
  alarmText: '#fecaca',
  alarmEdge: '#dc2626',
};

/** Rules for mail programs that know media queries: dark grounds, and what fits a phone. */
export const mailStyles = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
a { text-decoration: none; }
@media (prefers-color-scheme: dark) {
  .page { background: ${dark.page} !important; }
  .card { background: ${dark.card} !important; border-color: ${dark.border} !important; }
  .text { color: ${dark.text} !important; }
  .muted { color: ${dark.muted} !important; }
  .rule { border-color: ${dark.border} !important; }
  .good { color: ${dark.good} !important; }
  .bad { color: ${dark.bad} !important; }
  .link { color: ${dark.accent} !important; }
  .notice { background: ${dark.noticeGround} !important; color: ${dark.noticeText} !important; }
  .alarm { background: ${dark.alarmGround} !important; color: ${dark.alarmText} !important; }
  .track { background: ${dark.border} !important; }
}
@media (max-width: 480px) {
  .outer { padding: 8px !important; }
  .inner { padding: 20px 16px !important; }
  .value { font-size: 18px !important; line-height: 24px !important; }
  .split { display: inline-block !important; width: 50% !important; box-sizing: border-box; }
  .wide { display: none !important; }
  .narrow { display: block !important; }
  .cell { padding-left: 10px !important; }
  .cell:first-child { padding-left: 0 !important; }
}
`.trim();

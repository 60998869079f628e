export { column } from './contract/column.ts';
export type { Column, Columns, Row, RowInput } from './contract/column.ts';
export type { Contract, RawRow, RowRule, Tolerance, Transform } from './contract/contract.ts';
export {
  bar,
  choice,
  dashboard,
  digest,
  kpi,
  line,
  period,
  table,
  top,
} from './dashboard/definition.ts';
export { PlumblineError } from './errors.ts';
export { cron } from './schedule/cron.ts';
export { every } from './schedule/every.ts';

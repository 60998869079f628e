export { column } from './contract/column.ts';
export { compareDecimals } from './contract/compare-decimals.ts';
export type { Column, Columns, Row, RowInput } from './contract/column.ts';
export type {
  Contract,
  RawRow,
  RejectedShare,
  RowRule,
  Tolerance,
  Transform,
} from './contract/contract.ts';
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
export { api } from './source/api/api.ts';
export { basic, bearer, header, oauth2 } from './source/api/auth.ts';
export { lastRecord, linkHeader, nextCursor, offset, pageNumber } from './source/api/pages.ts';
export { secret, setting } from './source/setting.ts';
export { csv } from './source/csv/csv.ts';
export { folder } from './source/location/folder.ts';
export { defineConfig } from './project/config.ts';
export type { ConfigInput } from './project/config.ts';
export type { Setup } from './project/project.ts';
export { excel } from './source/excel/excel.ts';
export { http } from './source/location/http.ts';
export { s3 } from './source/location/s3/s3.ts';

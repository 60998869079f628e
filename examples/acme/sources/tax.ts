import { column, csv, every, s3 } from 'plumbline';

/** Value added tax by country and category, from the tax adviser's (American) program. */
export default csv({
  from: s3('acme-landing/tax/*.csv', { local: 'data/tax/*.csv' }),
  encoding: 'windows-1252',
  columns: {
    period_end: column.date({ header: 'Period end', format: 'MM/dd/yyyy', required: true }),
    country: column.text({ required: true, pattern: /^[A-Z]{2}$/ }),
    jurisdiction: column.text(),
    category: column.text({ required: true }),
    taxable: column.decimal(14, 2, { header: 'Taxable amount', thousandsMark: ',', min: 0 }),
    rate: column.decimal(4, 1, { header: 'Rate %', min: 0, max: 30, required: true }),
    tax: column.decimal(14, 2, { thousandsMark: ',', min: 0, required: true }),
  },
  key: ['period_end', 'country', 'category'],
  controlTotals: ['taxable', 'tax'],
  freshness: '40 days',
  schedule: every.month().onDay(8).at('09:00'),
});

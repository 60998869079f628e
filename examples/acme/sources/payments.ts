import { column, every, excel, s3 } from 'plumbline';

/** What clients paid, from the bank's clerk. */
export default excel({
  from: s3('acme-landing/payments/*.xlsx', { local: 'data/payments/*.xlsx' }),
  sheet: 'Payments',
  header: { row: 4 },
  totalsRow: { where: 'Invoice #', is: 'Total' },
  columns: {
    invoice_no: column.text({ header: 'Invoice #', required: true, pattern: /^R\d{6}-\d{4}$/ }),
    client_no: column.text({ header: 'Client #', required: true, pattern: /^C-\d{4}$/ }),
    client: column.text(),
    amount: column.decimal(12, 2, {
      header: 'Amount (EUR)',
      decimalMark: ',',
      thousandsMark: '.',
      min: 0,
      required: true,
    }),
    paid_on: column.date({ header: 'Paid on', format: 'dd.MM.yyyy', required: true }),
    method: column.oneOf(['Transfer', 'Direct debit', 'Card']),
  },
  key: ['invoice_no'],
  controlTotals: ['amount'],
  freshness: '15 days',
  schedule: every.weeks(2).on('monday').at('06:00').from('2026-01-05'),
});

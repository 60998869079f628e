import { column, every, excel, s3 } from 'plumbline';

/** What running the company costs, from accounting. */
export default excel({
  from: s3('acme-landing/operating-costs/*.xlsx', { local: 'data/operating-costs/*.xlsx' }),
  sheet: 'Costs',
  // Two rows of labels: "Booking" over "Date" is `Booking Date`.
  header: { row: 4, rows: 2 },
  totalsRow: { where: 'Booking Voucher', is: 'Total' },
  columns: {
    booked_on: column.date({ header: 'Booking Date', format: 'dd.MM.yyyy', required: true }),
    voucher: column.text({ header: 'Booking Voucher', required: true }),
    supplier: column.text({ header: 'Supplier Name', required: true }),
    category: column.oneOf(
      [
        'Freight',
        'Energy',
        'Fuel',
        'Packaging',
        'Rent & facilities',
        'IT & telephone',
        'Maintenance',
        'Marketing',
      ],
      { header: 'Supplier Category', required: true },
    ),
    net_amount: column.decimal(12, 2, {
      header: 'Amount Net (EUR)',
      decimalMark: ',',
      thousandsMark: '.',
      min: 0,
      required: true,
    }),
    vat_amount: column.decimal(12, 2, {
      header: 'Amount VAT (EUR)',
      decimalMark: ',',
      thousandsMark: '.',
      min: 0,
    }),
  },
  key: ['voucher'],
  controlTotals: ['net_amount', 'vat_amount'],
  freshness: '8 days',
  schedule: every.week().on('monday').at('07:00'),
});

import { column, csv, every, s3 } from 'plumbline';

/** What clients ordered, exported every night by the partner who runs the shop. */
export default csv({
  from: s3('acme-landing/partner-orders/*.csv', { local: 'data/partner-orders/*.csv' }),
  delimiter: ';',
  columns: {
    order_no: column.text({ header: 'Auftrag', required: true }),
    line_no: column.integer({ header: 'Position', required: true }),
    ordered_on: column.date({ header: 'Bestelldatum', format: 'dd.MM.yyyy', required: true }),
    shipped_on: column.date({ header: 'Lieferdatum', format: 'dd.MM.yyyy' }),
    client_no: column.text({ header: 'Kundennr.', required: true, pattern: /^C-\d{4}$/ }),
    client: column.text({ header: 'Kunde', required: true }),
    region: column.text({ required: true }),
    product_no: column.text({ header: 'Artikel', required: true }),
    product: column.text({ header: 'Bezeichnung' }),
    category: column.text({ header: 'Warengruppe', required: true }),
    quantity: column.integer({ header: 'Menge', required: true, min: 1, max: 10_000 }),
    unit_price: column.decimal(10, 2, {
      header: 'Einzelpreis',
      decimalMark: ',',
      thousandsMark: '.',
      min: 0,
    }),
    discount: column.decimal(4, 1, { header: 'Rabatt %', decimalMark: ',', min: 0, max: 100 }),
    net_amount: column.decimal(12, 2, {
      header: 'Netto (EUR)',
      decimalMark: ',',
      thousandsMark: '.',
      min: 0,
      required: true,
    }),
    status: column.oneOf(['open', 'shipped', 'cancelled'], { required: true }),
  },
  key: ['order_no', 'line_no'],
  rules: [
    {
      name: 'shipped-after-ordered',
      level: 'warn',
      test: (row) => row.shipped_on === null || row.shipped_on >= row.ordered_on,
      expected: 'shipped_on is not before ordered_on',
    },
  ],
  controlTotals: ['net_amount'],
  freshness: '36 hours',
  onUpload: true,
  schedule: every.day().at('05:00'),
});

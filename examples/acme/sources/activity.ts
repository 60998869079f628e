import { api, bearer, column, every, nextCursor, secret, setting } from 'plumbline';

/** What sales people did, from the customer relations system. */
export default api({
  url: setting('ACTIVITY_URL'),
  auth: bearer(secret('ACTIVITY_TOKEN')),
  records: 'data',
  pages: nextCursor({ param: 'after', at: 'meta.next' }),
  cursor: { column: 'updated_at', param: 'since', overlap: '1 hour' },
  columns: {
    id: column.integer({ required: true }),
    occurred_at: column.timestamp({ required: true }),
    updated_at: column.timestamp({ required: true }),
    kind: column.oneOf(['call', 'visit', 'quote', 'demo', 'trade fair'], { required: true }),
    client_no: column.text({ header: 'client.number', required: true, pattern: /^C-\d{4}$/ }),
    client: column.text({ header: 'client.name' }),
    region: column.text({ header: 'client.region' }),
    owner: column.text({ header: 'owner.name' }),
    minutes: column.integer({ min: 0 }),
    expense: column.decimal(12, 2, { header: 'expense.amount', min: 0 }),
    outcome: column.oneOf(['none', 'follow-up', 'order', 'lost']),
  },
  key: ['id'],
  // A record that changes while the pages are read is listed again further on.
  sameKey: 'last-wins',
  controlTotals: ['minutes', 'expense'],
  freshness: '36 hours',
  schedule: every.day().at('05:30'),
});

import { defineConfig } from 'plumbline';

import { startCompany } from './company/setup.ts';

export default defineConfig({
  company: 'Acme Wholesale',
  zone: 'Europe/Berlin',
  locale: 'en-GB',
  currency: 'EUR',
  mail: {
    from: 'Acme numbers <numbers@acme.example>',
    // Where the button of a mail leads.
    dashboards: 'http://localhost:7777',
  },
  // Who may read: BI tools by a user of their own, on AWS from these addresses only.
  access: {
    allow: [{ cidr: '203.0.113.0/24', note: 'office' }],
    users: { tableau: { schemas: ['marts'] } },
  },
  // A project of your own needs none: this one makes its data and starts its API here.
  setup: startCompany,
});

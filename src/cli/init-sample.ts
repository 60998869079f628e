const clients = ['Bäckerei Lindner', 'Café Morel', 'Havn & Co', 'Ostrava Foods', 'Quinta do Vale'];
const regions = ['North', 'West', 'North', 'East', 'West'];
const products = [
  { name: 'Olive oil 5 l', price: 3950 },
  { name: 'Flour 25 kg', price: 2190 },
  { name: 'Espresso 1 kg', price: 1875 },
  { name: 'Honey 12 jars', price: 5400 },
] as const;

const rowCount = 52;
const dayMs = 86_400_000;

/**
 * Orders of the year up to `today` (`YYYY-MM-DD`), a week apart, the same for the same day. Two are
 * wrong on purpose, a date and an amount, so that a first run has something to reject.
 */
export function sampleOrders(today: string): string {
  const last = Date.parse(today);
  const lines = ['Order;Date;Client;Region;Product;Quantity;Unit price'];
  for (let index = 0; index < rowCount; index += 1) {
    const date = new Date(last - (rowCount - 1 - index) * 7 * dayMs).toISOString().slice(0, 10);
    const [year = '', month = '', day = ''] = date.split('-');
    const product = products[(index * 3 + Math.floor(index / 5)) % products.length];
    const client = (index * 2 + Math.floor(index / 7)) % clients.length;
    // More is ordered before Christmas, and a little more every week.
    const season = month === '11' || month === '12' ? 6 : 0;
    const quantity = 8 + season + Math.floor(index / 6) + ((index * 7) % 5);
    const price = ((product?.price ?? 0) / 100).toFixed(2).replace('.', ',');
    lines.push(
      [
        `A-${1001 + index}`,
        index === 17 ? `31.02.${year}` : `${day}.${month}.${year}`,
        clients[client],
        regions[client],
        product?.name,
        index === 33 ? 'twelve' : quantity,
        price,
      ].join(';'),
    );
  }
  return `${lines.join('\n')}\n`;
}

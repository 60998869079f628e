import { clients } from './catalogue.ts';
import type { Plan } from './made.ts';
import { createRandom } from './random.ts';

const byYear = new Map<string, readonly number[]>();

/** How likely each client is to buy in a year: favour moves, some come later, some leave. */
export function clientWeights(plan: Plan, year: number): readonly number[] {
  const key = `${plan.seed} ${plan.from} ${year}`;
  const known = byYear.get(key);
  if (known !== undefined) return known;
  const weights = clients.map((client, index) => {
    const taste = createRandom(plan.seed, 'taste', client.number, year);
    const life = createRandom(plan.seed, 'life', client.number);
    const firstYear = Number(plan.from.slice(0, 4));
    const joins = life.chance(0.12) ? firstYear + life.int(1, 2) : firstYear;
    const leaves = life.chance(0.06) ? firstYear + life.int(2, 3) : Number.POSITIVE_INFINITY;
    if (index > 3 && (year < joins || year >= leaves)) return 0;
    return client.weight * (0.65 + 0.8 * taste.next());
  });
  byYear.set(key, weights);
  return weights;
}

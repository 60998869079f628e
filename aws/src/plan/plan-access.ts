import { contains, parseCidr } from '../settings/cidr.ts';
import type { AccessPlan, AllowEntry } from './plan.ts';
import type { Planning } from './planning.ts';

/** Addresses that no packet from the internet has: https://www.iana.org/assignments/iana-ipv4-special-registry */
const neverFromOutside = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
];

const configFile = 'plumbline.config.ts';

/**
 * The allow-list and the users of the database, from the `access` block of the project's settings.
 * Its own mistakes were found with the project; what is added is what only the internet side sees.
 */
export function planAccess(planning: Planning): AccessPlan {
  const { allow, users } = planning.project.config.access;
  return {
    allow: allow.map(({ cidr, note }, index): AllowEntry => {
      const range = parseCidr(cidr);
      if ('fault' in range) {
        const { fault, expected } = range;
        const place = `access.allow[${index + 1}].cidr`;
        const message = `'${cidr}' ${fault}`;
        planning.mistakes.push({ file: configFile, place, message, value: `'${cidr}'`, expected });
        return { cidr, note };
      }
      if (range.family === 6) {
        planning.mistakes.push({
          file: configFile,
          place: `access.allow[${index + 1}].cidr`,
          message: `'${cidr}' is a range of IPv6, and the proxy has an IPv4 address only: it would let nobody in`,
          value: `'${cidr}'`,
          expected: `the IPv4 address that ${note} comes from, as https://checkip.amazonaws.com shows it there`,
        });
        return { cidr, note };
      }
      const never = neverFromOutside.find((special) => {
        const outer = parseCidr(special);
        return !('fault' in outer) && contains(outer, range);
      });
      if (never !== undefined) {
        planning.mistakes.push({
          file: configFile,
          place: `access.allow[${index + 1}].cidr`,
          message: `'${cidr}' never matches: nobody comes from ${never} over the internet`,
          value: `'${cidr}'`,
          expected: 'the public address of that network',
        });
      }
      return { cidr: range.text, note };
    }),
    users: users.map(({ name, schemas, connections }) => ({
      name,
      schemas,
      connectionsMax: connections,
    })),
  };
}

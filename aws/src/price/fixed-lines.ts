import type { Plan } from '../plan/plan.ts';
import { quantity } from './money.ts';
import type { RegionPrices } from './price-file.ts';
import { priceLine } from './price-line.ts';
import type { PriceLine } from './price-line.ts';
import { prices } from './prices-2026-11.ts';

const hoursPerMonth = 730;
/** Of the disks of the two machines, as the stack makes them. */
export const natDiskGb = 8;
const proxyDiskGb = 16;

const always = 'there all month';

/** What a month costs though nobody uses it. */
export function fixedLines(plan: Plan, list: RegionPrices): readonly PriceLine[] {
  return [
    ...databaseLines(plan, list),
    ...egressLines(plan, list),
    ...machineLines(list, {
      component: 'proxy',
      name: 'Proxy and dashboards',
      instanceType: plan.proxy.instanceType,
      diskGb: proxyDiskGb,
    }),
    secretsLine(plan, list),
    alarmsLine(plan, list),
  ];
}

function databaseLines({ database }: Plan, list: RegionPrices): readonly PriceLine[] {
  if (database.kind !== 'rds-instance') return [];
  const servers = database.standby ? 2 : 1;
  const both = database.standby ? '; twice, for the standby' : '';
  return [
    priceLine({
      component: 'database',
      what: `RDS instance db.${database.instanceType}`,
      amount: quantity(hoursPerMonth * servers),
      unit: 'hours',
      price: list.rdsInstanceHour[database.instanceType],
      of: 'rdsInstanceHour',
      kind: 'fixed',
      driver: `${always}${both}`,
    }),
    priceLine({
      component: 'database',
      what: 'Database storage, gp3',
      amount: quantity(database.storageGb * servers),
      unit: 'GB',
      price: list.rdsStorageGb,
      of: 'rdsStorageGb',
      kind: 'fixed',
      driver: `what was provisioned; grows by itself to ${database.storageMaxGb} GB${both}`,
    }),
  ];
}

function egressLines({ network }: Plan, list: RegionPrices): readonly PriceLine[] {
  const component = 'egress';
  switch (network.egress) {
    case 'nat-gateway':
      return [
        priceLine({
          component,
          what: 'NAT gateway',
          amount: quantity(hoursPerMonth),
          unit: 'hours',
          price: list.natGatewayHour,
          of: 'natGatewayHour',
          kind: 'fixed',
          driver: always,
        }),
        addressLine(list, component, 'NAT gateway'),
      ];
    case 'nat-instance':
      return machineLines(list, {
        component,
        name: 'NAT instance',
        instanceType: network.natInstanceType,
        diskGb: natDiskGb,
      });
    case 'none':
      return network.interfaceEndpoints.map((service) =>
        priceLine({
          component,
          what: `Interface endpoint ${service}`,
          amount: quantity(hoursPerMonth),
          unit: 'hours',
          price: list.endpointHour,
          of: 'endpointHour',
          kind: 'fixed',
          driver: `${always}, in one zone`,
        }),
      );
  }
}

export interface Machine {
  readonly component: 'proxy' | 'egress';
  readonly name: string;
  readonly instanceType: string;
  readonly diskGb: number;
}

/** A machine with what comes with it: an address and a disk. */
export function machineLines(list: RegionPrices, machine: Machine): readonly PriceLine[] {
  const { component, name, instanceType, diskGb } = machine;
  return [
    priceLine({
      component,
      what: `${name}, ${instanceType}`,
      amount: quantity(hoursPerMonth),
      unit: 'hours',
      price: list.instanceHour[instanceType],
      of: 'instanceHour',
      kind: 'fixed',
      driver: always,
    }),
    addressLine(list, component, name),
    priceLine({
      component,
      what: `${name}, disk`,
      amount: quantity(diskGb),
      unit: 'GB',
      price: list.diskGb,
      of: 'diskGb',
      kind: 'fixed',
      driver: always,
    }),
  ];
}

function addressLine(list: RegionPrices, component: Machine['component'], name: string): PriceLine {
  return priceLine({
    component,
    what: `${name}, IPv4 address`,
    amount: quantity(hoursPerMonth),
    unit: 'hours',
    price: list.addressHour,
    of: 'addressHour',
    kind: 'fixed',
    driver: always,
  });
}

/** Those that are filled in, one for each user of the database, and that of its master. */
function secretsLine({ secrets, access }: Plan, list: RegionPrices): PriceLine {
  return priceLine({
    component: 'secrets',
    what: 'Secrets',
    amount: quantity(secrets.length + access.users.length + 1),
    unit: 'secrets',
    price: list.secretMonth,
    of: 'secretMonth',
    kind: 'fixed',
    driver: `${secrets.length} of sources and mail, ${access.users.length} of database users, 1 of the database`,
  });
}

/** As many as the stack makes, which a test compares. */
function alarmsLine(plan: Plan, list: RegionPrices): PriceLine {
  const alarms = alarmCount(plan);
  const { free } = prices;
  return priceLine({
    component: 'monitoring',
    what: 'Alarms',
    amount: quantity(Math.max(0, alarms - free.alarms)),
    unit: 'alarms',
    price: list.alarmMonth,
    of: 'alarmMonth',
    kind: 'fixed',
    driver: `${alarms} alarms, three a function and ${alarms - 3 * plan.functions.length} more; ${free.alarms} are free`,
  });
}

/**
 * Three a function; one or two for events that failed; two for sources; two or three for the
 * database; three a machine.
 */
export function alarmCount({ functions, uploads, database, network }: Plan): number {
  const ofDatabase = database.kind === 'aurora-serverless' ? 3 : 2;
  const machines = network.egress === 'nat-instance' ? 2 : 1;
  return 3 * functions.length + (uploads.length === 0 ? 1 : 2) + 2 + ofDatabase + 3 * machines;
}

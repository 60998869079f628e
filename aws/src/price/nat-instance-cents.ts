import { machineLines, natDiskGb } from './fixed-lines.ts';
import { prices } from './prices-2026-11.ts';

/** What a NAT instance costs a month in whole cents, at the prices of the region or the nearest there are. */
export function natInstanceCents(region: string, instanceType = 't4g.nano'): number {
  const list = prices.regions[region] ?? prices.regions['us-east-1'];
  if (list === undefined) return 0;
  const name = 'NAT instance';
  const lines = machineLines(list, { component: 'egress', name, instanceType, diskGb: natDiskGb });
  return lines.reduce((total, { cents }) => total + cents, 0);
}

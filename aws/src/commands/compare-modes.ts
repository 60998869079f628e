import type { Project } from 'plumbline/runtime';

import { draftPlan } from '../plan/create-plan.ts';
import type { Egress } from '../plan/plan.ts';
import type { Load } from '../price/load.ts';
import { priceOf } from '../price/price-of.ts';
import type { AwsSettings } from '../settings/define-aws.ts';

/** One way to have it, and what it costs. */
export interface Mode {
  readonly size: AwsSettings['size'];
  readonly egress: Egress;
  readonly fixedCents: number;
  readonly totalCents: number;
  /** Why this project could not run so; undefined: it could. */
  readonly fault: string | undefined;
}

/** Every size with every way out, for one project under one load. */
export function compareModes(options: {
  readonly project: Project;
  readonly settings: AwsSettings;
  readonly load: Load;
}): readonly Mode[] {
  const { project, settings, load } = options;
  return (['small', 'standard'] as const).flatMap((size) =>
    (['nat-instance', 'nat-gateway', 'none'] as const).map((egress): Mode => {
      const { plan, mistakes } = draftPlan({
        project,
        settings: withMode(settings, size, egress),
      });
      const { fixedCents, totalCents } = priceOf(plan, load);
      const fault = mistakes.find(({ place }) => place === 'network.egress')?.message;
      return { size, egress, fixedCents, totalCents, fault };
    }),
  );
}

/** The settings of another size: what they say of the database is of their own size. */
export function withMode(
  settings: AwsSettings,
  size: AwsSettings['size'],
  egress: Egress | undefined,
): AwsSettings {
  const { network = {}, database, ...rest } = settings;
  const { egress: own, ...otherNetwork } = network;
  const chosen = egress ?? (size === settings.size ? own : undefined);
  return {
    ...rest,
    size,
    network: { ...otherNetwork, ...(chosen === undefined ? {} : { egress: chosen }) },
    ...(database === undefined || size !== settings.size ? {} : { database }),
  };
}

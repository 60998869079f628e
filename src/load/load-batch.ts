import type pg from 'pg';

import type { Noticed } from '../contract/describe-noticed.ts';
import { PlumblineError } from '../errors.ts';
import { childName, type ChildTable } from '../source/source.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { inTransaction } from '../warehouse/transaction.ts';
import type { BatchJob } from './batch-job.ts';
import { checkControlTotals, planTotals } from './control-totals.ts';
import type { RowEncoder } from './encode-rows.ts';
import { mergeKeyless } from './merge-keyless.ts';
import { countFirst, type Merge, mergeByKey, type MergeOptions } from './merge.ts';
import { dropStaging, keepParentKeys, noteTwins } from './nested-rows.ts';
import { relationName } from './raw-table.ts';
import { addChildBatch, recordLoaded, recordRefused, recordRefusedChild } from './record-batch.ts';
import { createRecordFates, type RecordFates } from './record-fates.ts';
import type { ControlTotal, RowCounts, Shares } from './result.ts';
import { relatedBatches, type RelatedBatches } from './slots.ts';
import { rejectsMax, type StagedDelivery, stageDelivery } from './stage-delivery.ts';
import { checkTolerance } from './tolerance.ts';

/** What a committed batch came to. */
export interface LoadedBatch {
  readonly batchId: number;
  readonly rows: RowCounts;
  readonly shares: Shares;
  readonly superseded: number;
  readonly totals: Readonly<Record<string, ControlTotal>>;
  /** What is worth knowing of its rows, by reason. */
  readonly noticed: Noticed;
  /** What the tables of nested records came to, by the child's name. */
  readonly children: Readonly<Record<string, LoadedBatch>>;
}

/** What is known of a delivery until its transaction ends, for the record of one that is refused. */
interface Found {
  encoder: RowEncoder | undefined;
  merge: Merge | undefined;
  /** The table of nested records that was being loaded. */
  child: { readonly job: BatchJob; readonly found: Found } | undefined;
}

const nothingFound = (): Found => ({ encoder: undefined, merge: undefined, child: undefined });

/**
 * Loads a landed delivery in one transaction: its rows, rejects, control totals, the cursor and
 * the batch's state commit together or not at all.
 *
 * Returns undefined when another loader has loaded the batch meanwhile. Throws PlumblineError when
 * the delivery is refused (`control-total`, `delivery-rejected`, `missing-label`, …), in which case
 * what was found is saved with the batch; whatever else it throws is a fault of the system.
 */
export async function loadBatch(
  client: pg.Client,
  job: BatchJob,
): Promise<LoadedBatch | undefined> {
  const found = nothingFound();
  try {
    return await inTransaction(client, async () => {
      const batchId = await claimBatch(client, job);
      return batchId === undefined ? undefined : await loadRows(client, { ...job, batchId }, found);
    });
  } catch (error) {
    if (error instanceof PlumblineError && !error.retryable) {
      await recordRefused(client, job, { error, ...found });
      if (found.child !== undefined) {
        const nested = { ...found.child.job, batchId: job.batchId };
        await recordRefusedChild(client, nested, { error, ...found.child.found });
      }
    }
    throw error;
  }
}

/**
 * Waits for other loads of the source, then takes the batch; undefined when it is loaded already, or
 * when a newer version of the delivery is.
 * Batches of a source commit in the order of their ids, which is what a release goes by: when a
 * later one was faster, this one takes a new number.
 */
async function claimBatch(client: pg.Client, job: BatchJob): Promise<number | undefined> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('plumbline:load:' || $1, 0))`, [
    job.sourceName,
  ]);
  const { rows } = await client.query<{ state: string; overtaken: boolean; replaced: boolean }>(
    `select b.state,
            exists (select from plumbline.batch o where o.source = b.source and o.id > b.id and o.state in ('loaded', 'superseded')) as overtaken,
            exists (select from plumbline.batch o join plumbline.delivery n on n.id = o.delivery_id
                      join plumbline.delivery d on d.id = b.delivery_id
                     where o.source = b.source and o.state = 'loaded' and n.slot = d.slot and n.id > d.id) as replaced
       from plumbline.batch b where b.id = $1 for update`,
    [job.batchId],
  );
  const batch = rows[0];
  if (batch === undefined || batch.state === 'loaded' || batch.state === 'superseded')
    return undefined;
  if (batch.replaced) {
    // It was to be read again, and its correction came first.
    await client.query(
      `update plumbline.batch set state = 'superseded', finished_at = clock_timestamp() where id = $1`,
      [job.batchId],
    );
    return undefined;
  }
  if (!batch.overtaken) return job.batchId;
  const renumbered = await client.query<{ id: string }>(
    `update plumbline.batch set id = nextval('plumbline.batch_id') where id = $1 returning id`,
    [job.batchId],
  );
  return Number(renumbered.rows[0]?.id ?? job.batchId);
}

async function loadRows(client: pg.Client, given: BatchJob, found: Found): Promise<LoadedBatch> {
  const nesting = given.source.children === undefined ? undefined : createRecordFates();
  const job: BatchJob = {
    ...given,
    ...(nesting !== undefined && { onRejected: (record) => nesting.set(record, 'rejected') }),
  };
  const { batchId } = job;
  const { contract } = job.source;
  const table = `raw.${quoteIdentifier(relationName(job.sourceName))}`;
  const staged = await stageDelivery(client, job, (encoder) => {
    found.encoder = encoder;
  });
  const { encoder, where } = staged;
  const { state } = encoder;
  const plan = planTotals(contract, { ...staged.summary, where });
  const related = await relatedBatches(client, job);
  const options: MergeOptions = {
    ...related,
    // Rows nested in a record of which a later delivery has more to say are not presented at all.
    later: job.parentKey === undefined ? related.later : [],
    client,
    sourceName: job.sourceName,
    deliveryId: job.deliveryId,
    table,
    contract,
    batchId,
    staged: state.accepted,
    keysMayRepeat: state.keys?.mayRepeat() ?? false,
    totals: plan.columns,
    rejectsMax: rejectsMax - state.rejects.kept.length,
    hasNested: nesting !== undefined,
    parentKey: job.parentKey,
  };
  const merge = await mergeRows(options, staged);
  found.merge = merge;
  const rows = countRows(encoder, merge);
  if (!(await wasAccepted(client, job))) {
    checkTolerance(
      contract,
      { rows, unreadable: state.rejects.sums.unreadable },
      { name: where, source: job.sourceName },
    );
  }
  const totals = checkControlTotals({ ...merge, contract, where, plan, state });
  const { skipped, noticed = {}, detected = [] } = staged.summary;
  await recordLoaded(client, job, {
    encoder,
    merge,
    rows,
    totals,
    skipped,
    noticed,
    detected,
    older: related.older,
  });
  const children =
    nesting === undefined
      ? {}
      : await loadChildren(client, job, { found, fates: nesting, table, ...related });
  const { shares, superseded } = merge;
  return { batchId, rows, shares, superseded, totals, noticed, children };
}

/**
 * Whether the delivery was accepted before as it is read now. One with nested records is read again to
 * give back what a correction gave up (`giveBackKeys`), and a tolerance that became stricter meanwhile
 * would take records that were accepted out of all numbers.
 */
async function wasAccepted(
  client: pg.Client,
  { batchId, source, parentKey }: BatchJob,
): Promise<boolean> {
  if (source.children === undefined && parentKey === undefined) return false;
  const accepted = await client.query(
    `select from plumbline.batch b join plumbline.batch o using (delivery_id, source, reading)
      where b.id = $1 and o.id <> b.id and o.state in ('loaded', 'superseded') limit 1`,
    [batchId],
  );
  return accepted.rowCount !== 0;
}

async function mergeRows(
  options: MergeOptions,
  { isStaged, encoder }: StagedDelivery,
): Promise<Merge> {
  if ((options.contract.key ?? []).length === 0) {
    return mergeKeyless(options, encoder.state.repeats?.repeated());
  }
  return isStaged ? mergeByKey(options) : countFirst(options);
}

/**
 * Loads the tables of nested records, in the same transaction: a batch each, with control totals of
 * its own. One that is refused refuses the delivery.
 */
async function loadChildren(
  client: pg.Client,
  job: BatchJob,
  parent: RelatedBatches & {
    readonly found: Found;
    readonly fates: RecordFates;
    readonly table: string;
  },
): Promise<Record<string, LoadedBatch>> {
  const { fates } = parent;
  const { contract, children = {} } = job.source;
  await noteTwins(client, contract, fates);
  await keepParentKeys(client, { ...parent, contract, batchId: job.batchId }, fates);
  const loaded: Record<string, LoadedBatch> = {};
  for (const [name, child] of Object.entries(children)) {
    await dropStaging(client);
    const found = nothingFound();
    const nested = childJob(job, { name, child, fates });
    parent.found.child = { job: nested, found };
    const batchId = await addChildBatch(client, nested, 'loading');
    loaded[name] = await loadRows(client, { ...nested, batchId }, found);
  }
  parent.found.child = undefined;
  return loaded;
}

/** The load of a child table from the delivery of its source. */
function childJob(
  job: BatchJob,
  nested: { readonly name: string; readonly child: ChildTable; readonly fates: RecordFates },
): BatchJob {
  const { name, child, fates } = nested;
  return {
    ...job,
    sourceName: childName(job.sourceName, name),
    source: {
      contract: child.contract,
      read: (landed, context) => child.read(landed, context, fates.of),
    },
    landed: { ...job.landed, name: `${job.landed.name}, ${name}` },
    parentKey: child.parentKey,
    nextCursor: undefined,
    onRows: () => undefined,
    onRejected: () => undefined,
  };
}

function countRows(encoder: RowEncoder, merge: Merge): RowCounts {
  const { state } = encoder;
  return {
    read: state.read,
    inserted: merge.inserted,
    changed: merge.changed,
    unchanged: merge.unchanged,
    duplicate: merge.duplicate,
    rejected: state.rejects.count() + merge.clashing,
    flagged: state.flagged,
  };
}

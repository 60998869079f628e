import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Run } from './command.ts';
import { openProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { countFormat } from './print-run.ts';
import type { Terminal } from './terminal.ts';

/** Rejects of one source that have code and column in common. */
interface RejectGroup {
  readonly source: string;
  readonly code: string;
  /** Null when the fault is the row's. */
  readonly column: string | null;
  readonly rows: number;
  readonly expected: string;
  readonly examples: readonly RejectExample[];
}

interface RejectExample {
  readonly delivery: string;
  readonly sheet: string | null;
  readonly line: number | null;
  readonly value: string | null;
}

/** `plumbline rejects [source]` */
export const run: Run = async ({ terminal, args, options, start }) => {
  const limit = wholeNumber('--limit', options['limit'], { min: 0, max: 1000 }) ?? 3;
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: (project) => void chooseSource(project, args[0]),
  });
  try {
    const source = chooseSource(open.project, args[0]);
    const groups = await readRejects(open.warehouse, source, limit);
    terminal.result(groups);
    printRejects(groups, terminal, countFormat(open.project.config.locale));
    return 0;
  } finally {
    await open.close();
  }
};

function chooseSource(project: Project, name: string | undefined): string | null {
  if (name === undefined) return null;
  if (project.sources.has(name)) return name;
  const meant = suggest(name, project.sources.keys());
  throw new PlumblineError('usage', {
    message: `There is no source '${name}'.`,
    remedy:
      meant === undefined
        ? `Sources are ${[...project.sources.keys()].join(', ')}.`
        : `Did you mean '${meant}'?`,
  });
}

/** Of loaded and refused deliveries that no correction has replaced. A row with two faults counts in both. */
async function readRejects(
  warehouse: Warehouse,
  source: string | null,
  limit: number,
): Promise<readonly RejectGroup[]> {
  const { rows } = await warehouse.pool('reader').query<RejectGroup>(
    `with fault as (
       select b.source, f ->> 'code' as code, f ->> 'column' as "column",
              f ->> 'value' as value, f ->> 'expected' as expected,
              d.name as delivery, r.sheet, r.line::float8 as line,
              row_number() over (
                partition by b.source, f ->> 'code', f ->> 'column' order by r.batch_id desc, r.row_number
              ) as position
         from plumbline.reject r
         join plumbline.batch b on b.id = r.batch_id
         join plumbline.delivery d on d.id = b.delivery_id
         cross join jsonb_array_elements(r.faults) f
        where ($1::text is null or b.source = $1) and b.state <> 'superseded'
     )
     select source, code, "column", count(*)::int as rows, min(expected) as expected,
            coalesce(jsonb_agg(
              jsonb_build_object('delivery', delivery, 'sheet', sheet, 'line', line, 'value', value)
              order by position
            ) filter (where position <= $2), '[]') as examples
       from fault group by source, code, "column"
      order by source, rows desc, code, "column"`,
    [source, limit],
  );
  return rows;
}

function printRejects(
  groups: readonly RejectGroup[],
  { print, paint }: Terminal,
  count: (value: number) => string,
): void {
  if (groups.length === 0) print(paint.good('No rows were rejected.'));
  let source = '';
  for (const group of groups) {
    if (group.source !== source) {
      if (source !== '') print();
      print(paint.strong(group.source));
    }
    source = group.source;
    const column = group.column === null ? '' : ` ${group.column}`;
    print(
      `  ${count(group.rows).padStart(7)}  ${paint.notice(group.code)}${column}  ${paint.faint(group.expected)}`,
    );
    for (const example of group.examples) print(`           ${exampleLine(example, group)}`);
  }
}

function exampleLine(
  { delivery, sheet, line, value }: RejectExample,
  { column }: RejectGroup,
): string {
  const unit = sheet === null || sheet === '' ? 'line' : 'row';
  const place = [delivery, sheet, line === null ? null : `${unit} ${line}`].filter(
    (part) => part !== null,
  );
  // A fault of the row as a whole, such as a broken rule, is not that of a value.
  if (value === null && column === null) return place.join(', ');
  return `${place.join(', ')}: ${value === null ? 'empty' : JSON.stringify(value)}`;
}

import { readRejectedDeliveries, readRejectedDelivery } from '../annotate/read-delivery.ts';
import type { RejectedDelivery } from '../annotate/read-delivery.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { rowCodes } from '../contract/row-codes.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import type { Invocation, Run } from './command.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { printRejects } from './print-rejects.ts';
import { countFormat } from './print-run.ts';
import { readRejects } from './read-rejects.ts';
import { planOutput, printMarked, writeMarked } from './write-marked.ts';

/** `plumbline rejects [source] [--xlsx OUT]` */
export const run: Run = async (invocation) => {
  const { terminal, options, start } = invocation;
  const limit = wholeNumber('--limit', options['limit'], { min: 0, max: 1000 }) ?? 3;
  const open = await openProject({
    start,
    terminal,
    setup: false,
    admit: (project) => void readArguments(project, invocation),
  });
  try {
    const { source, code, column, xlsx } = readArguments(open.project, invocation);
    const delivery = await chooseDelivery(open, source, options['delivery']);
    if (xlsx !== null && source !== null) {
      const { out, force } = xlsx;
      const chosen = await rejectedDeliveries(open, source, delivery);
      const files = await writeMarked({ open, invocation, source, deliveries: chosen, out, force });
      terminal.result({ ok: true, files });
      printMarked(files, terminal, source);
      return 0;
    }
    const filter = { source, code, column, delivery, limit };
    const groups = await readRejects(open.warehouse, filter);
    terminal.result(groups);
    if (groups.length === 0) {
      const isAll = code === null && column === null && delivery === null;
      terminal.print(
        terminal.paint.good(isAll ? 'No rows were rejected.' : 'No such rows were rejected.'),
      );
    }
    const { sources, config } = open.project;
    printRejects({
      groups,
      terminal,
      count: countFormat(config.locale),
      kindOf: (name) => sources.get(name)?.kind ?? '',
      fileOf: (name) => sources.get(name)?.childOf ?? name,
      isFiltered: code !== null || column !== null,
    });
    return 0;
  } finally {
    await open.close();
  }
};

interface RejectArguments {
  readonly source: string | null;
  readonly code: string | null;
  readonly column: string | null;
  readonly xlsx: { readonly out: string; readonly force: boolean } | null;
}

/** Throws `usage` for what no project of this kind can mean. */
function readArguments(project: Project, { args, options }: Invocation): RejectArguments {
  const source = chooseSource(project, args[0]);
  const { code, column, xlsx, force } = options;
  const out = typeof xlsx === 'string' ? xlsx : null;
  if (out !== null && source === null) {
    throw new PlumblineError('usage', {
      message: '--xlsx writes the files of one source; none was named.',
      remedy: `Name one of ${[...project.sources.keys()].join(', ')}: plumbline rejects SOURCE --xlsx OUT`,
    });
  }
  if (out === null && force === true) {
    throw new PlumblineError('usage', { message: '--force goes with --xlsx.' });
  }
  if (out !== null && (code !== undefined || column !== undefined)) {
    throw new PlumblineError('usage', {
      message:
        '--code and --column choose what is listed; --xlsx marks all that is wrong in a file.',
    });
  }
  if (out !== null) planOutput(out);
  return {
    source,
    code: typeof code === 'string' ? chooseCode(code) : null,
    column: typeof column === 'string' ? chooseColumn(project, source, column) : null,
    xlsx: out === null ? null : { out, force: force === true },
  };
}

function chooseSource(project: Project, name: string | undefined): string | null {
  if (name === undefined) return null;
  if (project.sources.has(name)) return name;
  throw unknown('source', name, [...project.sources.keys()]);
}

function chooseCode(code: string): string {
  if (Object.hasOwn(rowCodes, code)) return code;
  throw unknown('code of rows', code, Object.keys(rowCodes));
}

/** By its name in the contract or its label in the file. */
function chooseColumn(project: Project, source: string | null, wanted: string): string {
  if (source === null) return wanted;
  const columns = Object.entries(project.sources.get(source)?.contract.columns ?? {});
  const found = columns.find(
    ([name, spec]) =>
      name === wanted ||
      labelsOf(name, spec.header).some((label) => foldLabel(label) === foldLabel(wanted)),
  );
  if (found !== undefined) return found[0];
  throw unknown(
    `column of ${source}`,
    wanted,
    columns.map(([name]) => name),
  );
}

function unknown(kind: string, name: string, known: readonly string[]): PlumblineError {
  const meant = suggest(name, known);
  return new PlumblineError('usage', {
    message: `There is no ${kind} '${name}'.`,
    remedy: meant === undefined ? `Known are ${known.join(', ')}.` : `Did you mean '${meant}'?`,
  });
}

/** A delivery by its number, or the newest of a name. Throws `usage` when there is none. */
async function chooseDelivery(
  { warehouse }: OpenProject,
  source: string | null,
  wanted: string | boolean | undefined,
): Promise<number | null> {
  if (typeof wanted !== 'string') return null;
  const { rows } = await warehouse.pool('reader').query<{ id: number; names: readonly string[] }>(
    `select (select max(id)::float8 from plumbline.delivery
              where ($1::text is null or source = $1) and (id::text = $2 or name = $2 or slot = $2)) as id,
            array(select name from plumbline.delivery
                   where $1::text is null or source = $1 order by id desc limit 50) as names`,
    [source, wanted],
  );
  const id = rows[0]?.id ?? null;
  if (id !== null) return id;
  const names = rows[0]?.names ?? [];
  const meant = suggest(wanted, names);
  throw new PlumblineError('usage', {
    message: `There is no delivery '${wanted}'${source === null ? '' : ` of ${source}`}.`,
    remedy:
      meant === undefined
        ? `Name one by its file or its number; the last are ${names.slice(0, 5).join(', ') || 'none yet'}.`
        : `Did you mean '${meant}'?`,
  });
}

async function rejectedDeliveries(
  { warehouse }: OpenProject,
  source: string,
  delivery: number | null,
): Promise<readonly RejectedDelivery[]> {
  const reader = warehouse.pool('reader');
  if (delivery === null) return readRejectedDeliveries(reader, source);
  const found = await readRejectedDelivery(reader, delivery);
  return found === undefined ? [] : [found];
}

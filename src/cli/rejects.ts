import { readRejectedDeliveries, readRejectedDelivery } from '../annotate/read-delivery.ts';
import type { RejectedDelivery } from '../annotate/read-delivery.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { rowCodes } from '../contract/row-codes.ts';
import { suggest } from '../contract/suggest.ts';
import { PlumblineError } from '../errors.ts';
import { findDelivery } from '../load/find-delivery.ts';
import type { Project } from '../project/project.ts';
import { chooseSource } from './choose-source.ts';
import type { Invocation, Run } from './command.ts';
import { openProject, type OpenProject } from './open-project.ts';
import { wholeNumber } from './option-values.ts';
import { printRejects } from './print-rejects.ts';
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
    const { sources, config } = open.project;
    const parentOf = (name: string): string | undefined => sources.get(name)?.childOf;
    const wanted = options['delivery'];
    const reader = open.warehouse.pool('reader');
    const delivery =
      typeof wanted === 'string' ? (await findDelivery(reader, source, wanted)).deliveryId : null;
    if (xlsx !== null && source !== null) {
      const { out, force } = xlsx;
      const chosen = await rejectedDeliveries(open, source, delivery);
      const files = await writeMarked({ open, invocation, source, deliveries: chosen, out, force });
      terminal.result({ ok: true, files });
      printMarked(files, { terminal, source, locale: config.locale });
      return 0;
    }
    const keys = Object.fromEntries(
      [...sources].flatMap(([name, { childOf, contract }]) =>
        childOf === undefined ? [] : [[name, contract.key ?? []]],
      ),
    );
    const filter = { source, code, column, delivery, limit, keys };
    const groups = await readRejects(open.warehouse, filter);
    terminal.result(groups);
    if (groups.length === 0) {
      const isAll = code === null && column === null && delivery === null;
      terminal.print(
        terminal.paint.good(isAll ? 'No rows were rejected.' : 'No such rows were rejected.'),
      );
    }
    printRejects({
      groups,
      terminal,
      locale: config.locale,
      kindOf: (name) => sources.get(name)?.kind ?? '',
      parentOf,
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
  const source = args[0] === undefined ? null : chooseSource(project, args[0]);
  const { code, column, xlsx, force } = options;
  const out = typeof xlsx === 'string' ? xlsx : null;
  if (out !== null && source === null) {
    throw new PlumblineError('usage', {
      message: '--xlsx writes the files of one source; none was named.',
      remedy: `Name one of ${[...project.sources.keys()].join(', ')}: plumbline rejects SOURCE --xlsx OUT`,
    });
  }
  const parent = source === null ? undefined : project.sources.get(source)?.childOf;
  if (out !== null && parent !== undefined) {
    throw new PlumblineError('usage', {
      message: `--xlsx writes a delivery as it came, and ${source} has none of its own: its rows come with the records of ${parent}.`,
      remedy: `Leave out --xlsx to list them by the key of their record, or write that of ${parent}: plumbline rejects ${parent} --xlsx OUT`,
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

import { invalid } from './front-matter.ts';
import type { Model, Procedure } from './model.ts';

/** A model to refresh or a procedure to call. */
export type Step =
  | { readonly kind: 'model'; readonly name: string; readonly model: Model }
  | { readonly kind: 'procedure'; readonly name: string; readonly procedure: Procedure };

/**
 * Models and procedures in an order in which each comes after what it reads: a procedure after the
 * models it reads or writes, and before the models that read what it writes. Independent steps come
 * in the order of their names, so the same project always gives the same order. Throws
 * `project-invalid` that names a cycle in order.
 */
export function orderModels(
  models: readonly Model[],
  procedures: readonly Procedure[] = [],
): readonly Step[] {
  const steps = new Map<string, Step>();
  for (const model of models) {
    steps.set(model.name, { kind: 'model', name: model.name, model });
  }
  for (const procedure of procedures) {
    const { name } = procedure;
    steps.set(`${name}()`, { kind: 'procedure', name, procedure });
  }
  const before = predecessors(models, procedures);
  const ordered: Step[] = [];
  const done = new Set<string>();
  const waiting = [...steps.keys()].sort();
  while (waiting.length > 0) {
    const next = waiting.findIndex((id) => [...(before.get(id) ?? [])].every((on) => done.has(on)));
    if (next === -1) throw cycleError(waiting, before, steps);
    const [id = ''] = waiting.splice(next, 1);
    done.add(id);
    const step = steps.get(id);
    if (step !== undefined) ordered.push(step);
  }
  return ordered;
}

type Predecessors = ReadonlyMap<string, ReadonlySet<string>>;

function predecessors(models: readonly Model[], procedures: readonly Procedure[]): Predecessors {
  const modelNames = new Set(models.map((model) => model.name));
  const writers = new Map<string, string[]>();
  for (const { name, writes } of procedures) {
    for (const relation of writes) {
      writers.set(relation, [...(writers.get(relation) ?? []), `${name}()`]);
    }
  }
  const before = new Map<string, ReadonlySet<string>>();
  for (const { name, dependsOn } of models) {
    before.set(name, new Set(makersOf(dependsOn, modelNames, writers)));
  }
  for (const { name, reads, writes } of procedures) {
    const own = `${name}()`;
    const makers = makersOf(reads, modelNames, writers);
    const models = writes.filter((relation) => modelNames.has(relation));
    // A procedure may read what it writes: yesterday's figures, for example.
    before.set(own, new Set([...makers, ...models].filter((each) => each !== own)));
  }
  return before;
}

/** Steps that must have run before the relations can be read. */
function makersOf(
  relations: readonly string[],
  modelNames: ReadonlySet<string>,
  writers: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return relations.flatMap((relation) => [
    ...(modelNames.has(relation) ? [relation] : []),
    ...(writers.get(relation) ?? []),
  ]);
}

function cycleError(
  waiting: readonly string[],
  before: Predecessors,
  steps: ReadonlyMap<string, Step>,
): Error {
  const stuck = new Set(waiting);
  const path: string[] = [];
  // Every step that is stuck waits for another one that is: following them must come round.
  let at = waiting[0] ?? '';
  while (!path.includes(at)) {
    path.push(at);
    at = [...(before.get(at) ?? [])].filter((id) => stuck.has(id)).sort()[0] ?? at;
  }
  const cycle = path.slice(path.indexOf(at));
  const step = steps.get(at);
  const file = step?.kind === 'model' ? step.model.file : step?.procedure.file;
  const named = [...cycle, at].join(' reads ');
  return invalid([`${file ?? at}:1: a cycle: ${named}`]);
}

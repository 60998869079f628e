import { jsonKind, scanArray, scanObject, scanValue, stringBetween } from './json-bytes.ts';

/** Fields to find in a record, by path; a tree, so that a record is walked once. */
export interface FieldTree {
  readonly fields: number;
  readonly root: FieldNode;
}

interface FieldNode {
  /** Fields whose value this is; `rank` is the place of the path among the field's alternatives. */
  readonly targets: { readonly field: number; readonly rank: number }[];
  readonly children: Map<string, FieldNode>;
}

/**
 * Where the fields of one record are: field i is `bytes[spans[2 * i] .. spans[2 * i + 1])`, -1 when
 * the record lacks it.
 */
export interface FieldSpans {
  readonly spans: Int32Array;
  readonly ranks: Int32Array;
}

/**
 * Prepares to find each field by the first of its paths that a record has. `'client.name'` is the
 * field `name` of the object `client`, or a field whose own name holds the dot; a number counts
 * elements of an array from 0; `'.'` is the value itself.
 */
export function compileFields(paths: readonly (readonly string[])[]): FieldTree {
  const root: FieldNode = { targets: [], children: new Map() };
  for (const [field, alternatives] of paths.entries()) {
    for (const [rank, path] of alternatives.entries()) {
      if (path === '.') {
        root.targets.push({ field, rank });
        continue;
      }
      const segments = path.split('.');
      nodeAt(root, segments).targets.push({ field, rank });
      if (segments.length > 1) nodeAt(root, [path]).targets.push({ field, rank });
    }
  }
  return { fields: paths.length, root };
}

export function createFieldSpans(tree: FieldTree): FieldSpans {
  return { spans: new Int32Array(tree.fields * 2), ranks: new Int32Array(tree.fields) };
}

/** Finds the fields of the object at `start`, which is known to be JSON. */
export function findFields(tree: FieldTree, bytes: Buffer, start: number, found: FieldSpans): void {
  found.spans.fill(-1);
  if (tree.root.targets.length > 0) {
    take(tree.root, bytes, [start, scanValue(bytes, start)], found);
  } else {
    descend(tree.root, bytes, start, found);
  }
}

function descend(node: FieldNode, bytes: Buffer, start: number, found: FieldSpans): void {
  const kind = jsonKind(bytes, start);
  if (kind === 'object') {
    scanObject(bytes, start, (keyStart, keyEnd, valueStart, valueEnd) => {
      const child = node.children.get(stringBetween(bytes, keyStart, keyEnd));
      if (child !== undefined) take(child, bytes, [valueStart, valueEnd], found);
    });
  } else if (kind === 'array') {
    scanArray(bytes, start, (valueStart, valueEnd, index) => {
      const child = node.children.get(String(index));
      if (child !== undefined) take(child, bytes, [valueStart, valueEnd], found);
    });
  }
}

function take(
  node: FieldNode,
  bytes: Buffer,
  [start, end]: readonly [number, number],
  found: FieldSpans,
): void {
  for (const { field, rank } of node.targets) {
    const held = found.spans[field * 2] ?? -1;
    // A key given twice: the later wins, as in JSON.parse.
    if (held >= 0 && (found.ranks[field] ?? 0) < rank) continue;
    found.spans[field * 2] = start;
    found.spans[field * 2 + 1] = end;
    found.ranks[field] = rank;
  }
  if (node.children.size > 0) descend(node, bytes, start, found);
}

function nodeAt(root: FieldNode, segments: readonly string[]): FieldNode {
  let node = root;
  for (const segment of segments) {
    let child = node.children.get(segment);
    if (child === undefined) {
      child = { targets: [], children: new Map() };
      node.children.set(segment, child);
    }
    node = child;
  }
  return node;
}

/** The result of following one path through a document. */
export type PathResult =
  | { readonly found: true; readonly start: number; readonly end: number }
  | {
      readonly found: false;
      /** The part of the path that led somewhere, `''` when none did. */
      readonly reached: string;
      /** The first segment that led nowhere. */
      readonly missing: string;
      /** What is there instead: the keys of the object reached, or none when it is no object. */
      readonly keys: readonly string[];
    };

/** Follows `path` (`''` is the document itself) from the value at `start`. */
export function followPath(bytes: Buffer, start: number, path: string): PathResult {
  let at = start;
  let end = bytes.length;
  const reached: string[] = [];
  for (const segment of path === '' ? [] : path.split('.')) {
    const keys: string[] = [];
    let next: readonly [number, number] | undefined;
    const consider = (key: string, valueStart: number, valueEnd: number) => {
      keys.push(key);
      if (key === segment) next = [valueStart, valueEnd];
    };
    if (jsonKind(bytes, at) === 'object') {
      scanObject(bytes, at, (keyStart, keyEnd, valueStart, valueEnd) => {
        consider(stringBetween(bytes, keyStart, keyEnd), valueStart, valueEnd);
      });
    }
    if (next === undefined) {
      return { found: false, reached: reached.join('.'), missing: segment, keys };
    }
    [at, end] = next;
    reached.push(segment);
  }
  return { found: true, start: at, end };
}

/**
 * Paths of the fields of a record: `id`, `client.name`. What a message can use, unless told otherwise:
 * a hundred, at most four levels down.
 */
export function listPaths(
  bytes: Buffer,
  start: number,
  { pathsMax = 100, depthMax = 3 }: { readonly pathsMax?: number; readonly depthMax?: number } = {},
): string[] {
  const paths: string[] = [];
  const visit = (at: number, prefix: string, depth: number) => {
    scanObject(bytes, at, (keyStart, keyEnd, valueStart) => {
      if (paths.length >= pathsMax) return;
      const path = prefix + stringBetween(bytes, keyStart, keyEnd);
      if (jsonKind(bytes, valueStart) === 'object' && depth < depthMax) {
        visit(valueStart, `${path}.`, depth + 1);
      } else {
        paths.push(path);
      }
    });
  };
  if (jsonKind(bytes, start) === 'object') visit(start, '', 0);
  return paths;
}

/** Names in a message: twenty are enough to recognise what one has. */
export function listNames(names: readonly string[]): string {
  return names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')}, …`;
}

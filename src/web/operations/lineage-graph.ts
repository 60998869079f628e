import { Graph, layout } from '@dagrejs/dagre';
import type { Edge, EdgeLabel, GraphLabel, NodeLabel } from '@dagrejs/dagre';

import { relationOfSource, relationsOfTile } from '../../dashboard/lineage.ts';
import type { WebProject } from '../web-project.ts';

export type LineageKind =
  | 'source'
  | 'clean'
  | 'model'
  | 'procedure'
  | 'other'
  | 'dashboard'
  | 'digest';

export interface LineageNode {
  readonly id: string;
  readonly kind: LineageKind;
  readonly label: string;
  /** Where a click leads; undefined where there is no page. */
  readonly address: string | undefined;
}

/** What feeds what, as ids of nodes. */
export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** The way of the data through a project: sources, relations, models, and who shows them. */
export function lineageOf(project: WebProject): Lineage {
  const nodes = new Map<string, LineageNode>();
  const edges: (readonly [string, string])[] = [];
  for (const name of project.sources.keys()) {
    const relation = relationOfSource(name);
    const address = `/deliveries?source=${encodeURIComponent(name)}`;
    nodes.set(`source:${name}`, { id: `source:${name}`, kind: 'source', label: name, address });
    nodes.set(relation, { id: relation, kind: 'clean', label: relation, address: undefined });
    edges.push([`source:${name}`, relation]);
  }
  for (const model of project.models) {
    nodes.set(model.name, {
      id: model.name,
      kind: 'model',
      label: model.name,
      address: undefined,
    });
  }
  const link = (from: string, to: string): void => {
    // A relation that no model makes, e.g. one a procedure writes, is shown all the same.
    for (const id of [from, to]) {
      if (!nodes.has(id)) nodes.set(id, { id, kind: 'other', label: id, address: undefined });
    }
    edges.push([from, to]);
  };
  for (const model of project.models) {
    for (const relation of model.dependsOn) link(relation, model.name);
  }
  for (const { name, reads, writes } of project.procedures) {
    const id = `procedure:${name}`;
    nodes.set(id, { id, kind: 'procedure', label: `${name}()`, address: undefined });
    for (const relation of reads) link(relation, id);
    for (const relation of writes) link(id, relation);
  }
  for (const [name, dashboard] of project.dashboards) {
    const id = `dashboard:${name}`;
    const address = `/dashboards/${name}`;
    nodes.set(id, { id, kind: 'dashboard', label: dashboard.title, address });
    const relations = dashboard.rows
      .flat()
      .flatMap((tile) => relationsOfTile(tile, dashboard.filters));
    for (const relation of new Set(relations)) link(relation, id);
  }
  for (const [name, digest] of project.digests) {
    const id = `digest:${name}`;
    nodes.set(id, { id, kind: 'digest', label: digest.title, address: undefined });
    const relations = digest.tiles.flatMap((tile) => relationsOfTile(tile, digest.filters));
    for (const relation of new Set(relations)) link(relation, id);
  }
  return { nodes: [...nodes.values()], edges };
}

export interface PlacedLineage {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Upper left corners. */
  readonly nodes: readonly (LineageNode & { readonly x: number; readonly y: number })[];
  readonly edges: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

export const nodeWidthPx = 168;
export const nodeHeightPx = 38;

/** Ends that are not drawn: they hold all sources to the left and all readers to the right. */
const leftEnd = '\0left';
const rightEnd = '\0right';
const marginPx = 8;

/** Places a lineage from left to right, sources in the first column, dashboards and digests in the last. */
export function placeLineage(lineage: Lineage): PlacedLineage {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 44 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of [leftEnd, rightEnd]) graph.setNode(id, { width: 0, height: 0 });
  for (const { id, kind } of lineage.nodes) {
    graph.setNode(id, { width: nodeWidthPx, height: nodeHeightPx });
    if (kind === 'source') graph.setEdge(leftEnd, id, { weight: 100 });
    if (kind === 'dashboard' || kind === 'digest') graph.setEdge(id, rightEnd, { weight: 100 });
  }
  // A source stands next to its rows.
  for (const [from, to] of lineage.edges) {
    graph.setEdge(from, to, { weight: from.startsWith('source:') ? 20 : 1 });
  }
  layout(graph);
  return framed(lineage, graph);
}

type Placed = Graph<GraphLabel, NodeLabel, EdgeLabel>;

/** Reads the places off the graph and moves them so that everything that is drawn is in the picture. */
function framed(lineage: Lineage, graph: Placed): PlacedLineage {
  // The package's own types lose themselves in any; these are what it documents.
  const nodeAt = (id: string): NodeLabel => graph.node(id);
  const nodes = lineage.nodes.map((node) => {
    const { x = 0, y = 0 } = nodeAt(node.id);
    return { ...node, x: x - nodeWidthPx / 2, y: y - nodeHeightPx / 2 };
  });
  const drawn: readonly Edge[] = graph
    .edges()
    .filter((edge: Edge) => edge.v !== leftEnd && edge.w !== rightEnd);
  const edges = drawn.map((edge) => {
    const label: EdgeLabel = graph.edge(edge);
    const from = nodeAt(edge.v);
    const to = nodeAt(edge.w);
    // From the middle of one side to the middle of the other; only the way between is the layout's.
    return [
      { x: (from.x ?? 0) + nodeWidthPx / 2, y: from.y ?? 0 },
      ...(label.points ?? []).slice(1, -1),
      { x: (to.x ?? 0) - nodeWidthPx / 2, y: to.y ?? 0 },
    ];
  });
  const corners = nodes.flatMap(({ x, y }) => [
    { x, y },
    { x: x + nodeWidthPx, y: y + nodeHeightPx },
  ]);
  const all = [...corners, ...edges.flat()];
  const left = Math.min(...all.map(({ x }) => x)) - marginPx;
  const top = Math.min(...all.map(({ y }) => y)) - marginPx;
  const moved = <P extends { readonly x: number; readonly y: number }>(point: P): P => ({
    ...point,
    x: point.x - left,
    y: point.y - top,
  });
  return {
    widthPx: Math.ceil(Math.max(...all.map(({ x }) => x)) - left + marginPx),
    heightPx: Math.ceil(Math.max(...all.map(({ y }) => y)) - top + marginPx),
    nodes: nodes.map(moved),
    edges: edges.map((points) => points.map(moved)),
  };
}

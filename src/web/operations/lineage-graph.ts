import { Graph, layout } from '@dagrejs/dagre';
import type { Edge, EdgeLabel, GraphLabel, NodeLabel } from '@dagrejs/dagre';

import { relationOfSource, relationsOfTile } from '../../dashboard/lineage.ts';
import type { WebProject } from '../web-project.ts';

export type LineageKind = 'source' | 'clean' | 'model' | 'other' | 'dashboard' | 'digest';

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
    if (!nodes.has(from))
      nodes.set(from, { id: from, kind: 'other', label: from, address: undefined });
    edges.push([from, to]);
  };
  for (const model of project.models) {
    for (const relation of model.dependsOn) link(relation, model.name);
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

/** Places a lineage from left to right. */
export function placeLineage(lineage: Lineage): PlacedLineage {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 64, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of lineage.nodes) {
    graph.setNode(node.id, { width: nodeWidthPx, height: nodeHeightPx });
  }
  for (const [from, to] of lineage.edges) graph.setEdge(from, to);
  layout(graph);
  // The package's own types lose themselves in any; these are what it documents.
  const size: GraphLabel = graph.graph();
  const nodeAt = (id: string): NodeLabel => graph.node(id);
  const edges: readonly Edge[] = graph.edges();
  return {
    widthPx: Math.ceil(size.width ?? 0),
    heightPx: Math.ceil(size.height ?? 0),
    nodes: lineage.nodes.map((node) => {
      const { x = 0, y = 0 } = nodeAt(node.id);
      return { ...node, x: x - nodeWidthPx / 2, y: y - nodeHeightPx / 2 };
    }),
    edges: edges.map((edge) => {
      const label: EdgeLabel = graph.edge(edge);
      const from = nodeAt(edge.v);
      const to = nodeAt(edge.w);
      // From the middle of one side to the middle of the other; only the way between is the layout's.
      return [
        { x: (from.x ?? 0) + nodeWidthPx / 2, y: from.y ?? 0 },
        ...(label.points ?? []).slice(1, -1),
        { x: (to.x ?? 0) - nodeWidthPx / 2, y: to.y ?? 0 },
      ];
    }),
  };
}

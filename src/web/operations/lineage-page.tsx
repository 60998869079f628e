import { DataTable, PageHead, Section } from '../elements.tsx';
import { renderPage } from '../layout.tsx';
import type { PageInput } from '../respond.ts';
import { lineageOf, nodeHeightPx, nodeWidthPx, placeLineage } from './lineage-graph.ts';
import type { LineageKind, LineageNode, PlacedLineage } from './lineage-graph.ts';

const kinds: Readonly<Record<LineageKind, { readonly name: string; readonly color: string }>> = {
  source: { name: 'Source', color: '#0ea5e9' },
  clean: { name: 'Clean rows', color: '#64748b' },
  model: { name: 'Model', color: '#6366f1' },
  procedure: { name: 'Procedure', color: '#ec4899' },
  other: { name: 'Other relation', color: '#a855f7' },
  dashboard: { name: 'Dashboard', color: '#10b981' },
  digest: { name: 'Digest', color: '#d97706' },
};

/** Longer names are cut; the title and the table have them whole. */
const labelLettersMax = 20;

/** What feeds what, as a picture and as a table. */
export function lineagePage({ context }: PageInput) {
  const lineage = lineageOf(context.project);
  const labels = new Map(lineage.nodes.map((node) => [node.id, node.label]));
  const names = (ids: readonly string[]): string =>
    ids.map((id) => labels.get(id) ?? id).join(', ');
  return renderPage({
    context,
    title: 'Lineage',
    path: '/lineage',
    children: (
      <>
        <PageHead title="Lineage" subtitle="What feeds what, from the source to the reader." />
        <Section>
          <ul class="muted mb-3 flex flex-wrap gap-4 text-xs">
            {Object.entries(kinds)
              .filter(([kind]) => lineage.nodes.some((node) => node.kind === kind))
              .map(([, { name, color }]) => (
                <li class="flex items-center gap-1.5">
                  <svg width="4" height="12" aria-hidden="true">
                    <rect width="4" height="12" rx="1" fill={color} />
                  </svg>
                  {name}
                </li>
              ))}
          </ul>
          <div class="overflow-x-auto" tabindex={0} role="region" aria-label="Lineage picture">
            <div class="min-w-4xl">
              <Picture placed={placeLineage(lineage)} />
            </div>
          </div>
        </Section>
        <Section title="As a table">
          <DataTable
            label="Lineage"
            columns={[{ title: 'What' }, { title: 'Kind' }, { title: 'Reads' }, { title: 'Feeds' }]}
            rows={lineage.nodes.map((node) => [
              <Name node={node} />,
              kinds[node.kind].name,
              names(lineage.edges.filter(([, to]) => to === node.id).map(([from]) => from)),
              names(lineage.edges.filter(([from]) => from === node.id).map(([, to]) => to)),
            ])}
          />
        </Section>
      </>
    ),
  });
}

const Name = ({ node }: { node: LineageNode }) =>
  node.address === undefined ? (
    <>{node.label}</>
  ) : (
    <a class="link" href={node.address}>
      {node.label}
    </a>
  );

const Picture = ({ placed }: { placed: PlacedLineage }) => (
  <svg
    class="h-auto w-full"
    width={placed.widthPx}
    height={placed.heightPx}
    viewBox={`0 0 ${placed.widthPx} ${placed.heightPx}`}
    role="img"
    aria-label="Lineage as a picture; the table below says the same."
  >
    <defs>
      <marker
        id="arrow"
        viewBox="0 0 8 8"
        refX="8"
        refY="4"
        markerWidth="8"
        markerHeight="8"
        orient="auto"
      >
        <path d="M0 0.5 8 4 0 7.5Z" fill="var(--muted)" />
      </marker>
    </defs>
    {placed.edges.map((points) => (
      <path
        d={curve(points)}
        fill="none"
        stroke="var(--muted)"
        stroke-opacity="0.65"
        stroke-width="1.5"
        marker-end="url(#arrow)"
      />
    ))}
    {placed.nodes.map((node) => (
      <g transform={`translate(${node.x} ${node.y})`}>
        <title>{`${kinds[node.kind].name} ${node.label}`}</title>
        <rect
          width={nodeWidthPx}
          height={nodeHeightPx}
          rx="7"
          fill="var(--color-base-100)"
          stroke="var(--color-base-300)"
        />
        <rect width="5" height={nodeHeightPx} rx="2" fill={kinds[node.kind].color} />
        <text x="15" y={nodeHeightPx / 2} dy="0.35em" font-size="12.5" fill="currentColor">
          {node.label.length > labelLettersMax
            ? `${node.label.slice(0, labelLettersMax - 1)}…`
            : node.label}
        </text>
      </g>
    ))}
  </svg>
);

/** Flat at both ends, so that arrows arrive from the left. */
function curve(points: PlacedLineage['edges'][number]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of rest) {
    const middle = (before.x + point.x) / 2;
    path += `C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return path;
}

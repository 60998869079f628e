import type { Child } from 'hono/jsx';

/** The heading of a page with what stands under it and beside it. */
export const PageHead = (props: { title: string; subtitle?: Child; children?: Child }) => (
  <div class="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
    <div class="min-w-0">
      <h1 class="text-2xl font-semibold tracking-tight">{props.title}</h1>
      {props.subtitle === undefined ? null : (
        <p class="muted mt-1 text-sm text-pretty">{props.subtitle}</p>
      )}
    </div>
    {props.children}
  </div>
);

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

const pills: Readonly<Record<Tone, string>> = {
  good: 'pill-good',
  warn: 'pill-warn',
  bad: 'pill-bad',
  plain: 'pill-plain',
};

/** A state in a word. */
export const Pill = ({ tone, children }: { tone: Tone; children: Child }) => (
  <span class={`pill ${pills[tone]}`}>{children}</span>
);

/** Something the reader must know before the numbers. */
export const Notice = ({ tone, children }: { tone: 'warn' | 'bad'; children: Child }) => (
  <p class={tone === 'bad' ? 'notice notice-bad' : 'notice'}>{children}</p>
);

/** A part of an operations page. */
export const Section = (props: { title?: string; note?: Child; children: Child }) => (
  <section class="card mb-4 p-5">
    {props.title === undefined ? null : <h2 class="text-sm font-semibold">{props.title}</h2>}
    {props.note === undefined ? null : <p class="muted mt-0.5 text-xs">{props.note}</p>}
    {props.children}
  </section>
);

export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

interface TableProps {
  /** What the table lists, for those who do not see where it stands. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  /** Said in place of the rows when there are none. */
  readonly empty?: string;
}

/** A table that scrolls in its own frame when it is wider than the page. */
export const DataTable = ({ label, columns, rows, empty }: TableProps) => {
  if (rows.length === 0) return <p class="muted py-4 text-sm">{empty ?? 'Nothing yet.'}</p>;
  return (
    // Focusable, so that it can be scrolled with the keyboard.
    <div class="-mx-3 overflow-x-auto" tabindex={0} role="region" aria-label={label}>
      <table class="data-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" class={column.numeric === true ? 'numeric' : ''}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, index) => (
                <td class={columns[index]?.numeric === true ? 'numeric' : ''}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** Links to the pages before and after, of a list in pages. */
export const Pager = (props: { href: (page: number) => string; page: number; more: boolean }) => {
  if (props.page === 1 && !props.more) return null;
  return (
    <nav aria-label="Pages" class="mt-4 flex items-center gap-4 text-sm">
      {props.page > 1 ? (
        <a class="link" href={props.href(props.page - 1)}>
          Previous
        </a>
      ) : null}
      <span class="muted">Page {props.page}</span>
      {props.more ? (
        <a class="link" href={props.href(props.page + 1)}>
          Next
        </a>
      ) : null}
    </nav>
  );
};

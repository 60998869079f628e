import { html } from 'hono/html';
import type { Child } from 'hono/jsx';

import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';
import type { WebContext } from './web-project.ts';

const operations: readonly {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
}[] = [
  { path: '/sources', title: 'Sources', icon: 'sources' },
  { path: '/deliveries', title: 'Deliveries', icon: 'deliveries' },
  { path: '/rejects', title: 'Rejects', icon: 'rejects' },
  { path: '/checks', title: 'Checks', icon: 'checks' },
  { path: '/releases', title: 'Releases', icon: 'releases' },
  { path: '/lineage', title: 'Lineage', icon: 'lineage' },
  { path: '/schedule', title: 'Schedule', icon: 'schedule' },
];

interface PageOptions {
  readonly context: WebContext;
  readonly title: string;
  /** The menu entry the page belongs to. */
  readonly path: string;
  readonly children: Child;
}

/** A whole page as text: the frame, with the content in `main`. */
export function renderPage(options: PageOptions) {
  return html`<!doctype html>${<Page {...options} />}`;
}

const Page = ({ context, title, path, children }: PageOptions) => (
  <html lang={context.project.locale}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} · ${context.project.company}`}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href={context.asset('styles.css')} />
      <script src={context.asset('theme.js')}></script>
      <script src={context.asset('page.js')} defer></script>
    </head>
    <body class="min-h-screen font-sans antialiased">
      <a
        href="#content"
        class="sr-only focus:not-sr-only focus:absolute focus:m-3 focus:rounded-lg focus:bg-base-100 focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      <div class="lg:grid lg:min-h-screen lg:grid-cols-[13.75rem_minmax(0,1fr)]">
        <Frame context={context} path={path} />
        <main id="content" class="mx-auto w-full max-w-[90rem] px-5 py-6 lg:px-7 lg:py-7">
          {children}
        </main>
      </div>
    </body>
  </html>
);

/** A menu at the side of a wide window, behind a button on a phone. */
const Frame = ({ context, path }: { context: WebContext; path: string }) => (
  <>
    <header class="border-b border-base-300 bg-base-100 lg:hidden">
      <details>
        <summary class="flex list-none items-center gap-2.5 px-5 py-3">
          <Brand company={context.project.company} />
          <span class="muted">
            <Icon name="menu" />
            <span class="sr-only">Menu</span>
          </span>
        </summary>
        <Menu context={context} path={path} label="Menu" />
      </details>
    </header>
    <header class="hidden border-r border-base-300 bg-base-100 lg:block">
      <div class="sticky top-0 flex h-screen flex-col overflow-y-auto">
        <div class="flex items-center gap-2.5 px-6 pt-5 pb-4">
          <Brand company={context.project.company} />
        </div>
        <Menu context={context} path={path} label="Main menu" />
        <div class="mt-auto p-4">
          <button
            type="button"
            hidden
            data-theme-toggle
            class="muted flex w-full items-center gap-2.5 rounded-lg px-3 py-2 text-sm hover:bg-base-200"
          >
            <Icon name="theme" />
            <span data-label>Theme</span>
          </button>
        </div>
      </div>
    </header>
  </>
);

const Menu = ({ context, path, label }: { context: WebContext; path: string; label: string }) => (
  <nav aria-label={label} class="px-4 pb-4 text-sm">
    <ul class="space-y-0.5">
      {[...context.project.dashboards].map(([name, dashboard]) => (
        <MenuItem
          path={`/dashboards/${name}`}
          title={dashboard.title}
          icon="dashboard"
          current={path}
        />
      ))}
    </ul>
    <p class="muted px-3 pt-5 pb-1.5 text-xs font-medium">Operations</p>
    <ul class="space-y-0.5">
      {operations.map((item) => (
        <MenuItem {...item} current={path} />
      ))}
    </ul>
  </nav>
);

const MenuItem = (props: { path: string; title: string; icon: IconName; current: string }) => {
  const current = props.path === props.current;
  const look = current ? 'bg-primary/10 text-primary font-medium' : 'hover:bg-base-200';
  return (
    <li>
      <a
        href={props.path}
        class={`flex items-center gap-2.5 rounded-lg px-3 py-2 ${look}`}
        {...(current ? { 'aria-current': 'page' } : {})}
      >
        <Icon name={props.icon} />
        <span class="truncate">{props.title}</span>
      </a>
    </li>
  );
};

const Brand = ({ company }: { company: string }) => (
  <>
    <Mark />
    <span class="min-w-0 flex-1 leading-tight font-semibold tracking-tight text-balance break-words">
      {company}
    </span>
  </>
);

/** A plumb bob. */
const Mark = () => (
  <svg class="size-6 shrink-0 text-primary" viewBox="0 0 24 24" aria-hidden="true">
    <rect width="24" height="24" rx="6" fill="currentColor" />
    <path d="M12 5v9" stroke="var(--color-primary-content)" stroke-width="1.75" />
    <path d="m12 20-3-4 3-3 3 3Z" fill="var(--color-primary-content)" />
  </svg>
);

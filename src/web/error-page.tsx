import type { PlumblineError } from '../errors.ts';
import { PageHead } from './elements.tsx';
import { renderPage } from './layout.tsx';
import type { WebContext } from './web-project.ts';

/** For an address that leads nowhere. */
export function notFoundPage(context: WebContext) {
  return renderPage({
    context,
    title: 'Not found',
    path: '',
    children: (
      <>
        <PageHead title="There is no such page" />
        <p class="muted text-sm">
          The dashboard, delivery or tile of this address is not there, or not there any more. The
          menu has what there is.
        </p>
      </>
    ),
  });
}

/** For what went wrong on the way. Says only what the catalogue of errors says; details are in the log. */
export function errorPage(options: {
  readonly context: WebContext;
  readonly error: PlumblineError | undefined;
}) {
  const { context, error } = options;
  return renderPage({
    context,
    title: 'Error',
    path: '',
    children: (
      <>
        <PageHead title="This page could not be shown" />
        <div class="notice notice-bad">
          <p>{error?.message ?? 'Something unexpected went wrong.'}</p>
          <p class="muted mt-1">{error?.remedy ?? 'The log of the server says what.'}</p>
        </div>
      </>
    ),
  });
}

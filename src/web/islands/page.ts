/**
 * What a page gains with JavaScript: readable tooltips on charts, and filters that apply as they are
 * changed. Everything it does, the page does without it, by titles and a button.
 */

/** Shows a chart's own titles beside the pointer, without the browser's delay. */
function followCharts(root: ParentNode): void {
  for (const plot of root.querySelectorAll<HTMLElement>('.plot')) {
    const tip = document.createElement('div');
    tip.className = 'chart-tip';
    tip.hidden = true;
    tip.setAttribute('aria-hidden', 'true');
    plot.append(tip);
    for (const area of plot.querySelectorAll('.hover')) {
      const title = area.querySelector('title');
      const text = title?.textContent ?? '';
      // Otherwise the browser would show its own a second later.
      title?.remove();
      area.addEventListener('pointerenter', () => {
        tip.textContent = text;
        tip.hidden = false;
        const frame = plot.getBoundingClientRect();
        const box = area.getBoundingClientRect();
        const middle = box.left + box.width / 2 - frame.left;
        const left = Math.min(
          Math.max(middle - tip.offsetWidth / 2, 0),
          frame.width - tip.offsetWidth,
        );
        tip.style.left = `${left}px`;
        tip.style.top = '0.25rem';
      });
      area.addEventListener('pointerleave', () => {
        tip.hidden = true;
      });
    }
  }
}

let request: AbortController | undefined;

/**
 * Takes the content of another address of this page into this one. Gives the address it came from in
 * the end, which a redirect may have shortened; undefined when the page must be loaded whole, `null`
 * when a newer request has taken over.
 */
async function replaceContent(address: string): Promise<string | null | undefined> {
  request?.abort();
  request = new AbortController();
  const main = document.querySelector('main');
  main?.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(address, { signal: request.signal });
    if (!response.ok) return undefined;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('main');
    if (main === null || next === null) return undefined;
    const focused = document.activeElement?.id;
    main.replaceWith(next);
    document.title = page.title;
    if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus();
    enhance(next);
    return response.url;
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? null : undefined;
  }
}

async function navigate(address: string): Promise<void> {
  const reached = await replaceContent(address);
  if (reached === undefined) location.assign(address);
  else if (reached !== null) history.pushState(null, '', reached);
}

function enhance(root: ParentNode): void {
  followCharts(root);
  const form = root.querySelector<HTMLFormElement>('form[data-filters]');
  if (form === null) return;
  const apply = (): void => {
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') address.searchParams.set(name, value);
    }
    void navigate(address.href);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  // A day is typed digit by digit and is applied by the button; a choice is one act.
  for (const select of form.querySelectorAll('select')) select.addEventListener('change', apply);
  for (const link of root.querySelectorAll<HTMLAnchorElement>('a[data-preset]')) {
    link.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      void navigate(link.href);
    });
  }
}

async function goBack(): Promise<void> {
  if ((await replaceContent(location.href)) === undefined) location.reload();
}

enhance(document);
addEventListener('popstate', () => {
  void goBack();
});

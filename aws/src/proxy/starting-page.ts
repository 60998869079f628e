import { createHash } from 'node:crypto';

/** The file of the page, and its address inside nginx; nobody can ask for it from outside. */
export const startingPageFile = 'plumbline-starting.html';

/** Colours and sizes of the dashboards themselves (`src/web/styles.css`), without their files. */
const style = `
:root { color-scheme: light dark; --page: #f6f8fc; --card: #fff; --line: #e3e7ee; --text: #0f172a; --muted: #55607a; --mark: #4f46e5; --on-mark: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #090d1a; --card: #141a2b; --line: #262f45; --text: #e6eaf3; --muted: #a3aabb; --mark: #8b8ff9; --on-mark: #0b1020; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; background: var(--page); color: var(--text); font: 15px/1.55 Inter, ui-sans-serif, system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
header { display: flex; align-items: center; gap: .625rem; font-weight: 600; overflow-wrap: anywhere; }
svg { width: 1.5rem; height: 1.5rem; flex: none; }
h1 { margin: 1.5rem 0 .5rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -.01em; }
p { margin: .5rem 0 0; }
.muted { color: var(--muted); font-size: .875rem; }
a { color: var(--mark); }
code { font: .8125rem ui-monospace, monospace; overflow-wrap: anywhere; }
`;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string =>
  text.replaceAll(/[&<>"']/gu, (char) => escapes[char] ?? '');

/**
 * What a reader sees while the dashboards are starting or down: it says that the data is unharmed,
 * tries again by itself, and names the command for whoever looks after it. Asks for no other file.
 */
export function createStartingPage(company: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="5">
<meta name="robots" content="noindex">
<title>Starting · ${escape(company)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<header>
<svg viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="var(--mark)"/><path d="M12 5v9" stroke="var(--on-mark)" stroke-width="1.75"/><path d="m12 20-3-4 3-3 3 3Z" fill="var(--on-mark)"/></svg>
<span>${escape(company)}</span>
</header>
<h1>The dashboards are starting</h1>
<p role="status">This takes about a minute after an update. The page tries again by itself every five seconds.</p>
<p class="muted">No numbers are lost: they are in the database, and loading goes on without this page.</p>
<p class="muted">Still here after five minutes? Whoever looks after Plumbline finds the reason with <code>journalctl -u plumbline-dashboards</code> on the proxy.</p>
</main>
</body>
</html>
`;
}

/** Directives for the page's headers: its one style sheet is allowed by its hash, nothing else is. */
export function startingPageHeaders(company: string): readonly string[] {
  // The hash is taken of the page as it is served, so that the two cannot come to differ.
  const [, inline = ''] = /<style>([\s\S]*?)<\/style>/u.exec(createStartingPage(company)) ?? [];
  const hash = createHash('sha256').update(inline).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return [
    'add_header Retry-After 5 always;',
    'add_header Cache-Control no-store always;',
    `add_header Content-Security-Policy "${policy}" always;`,
    'add_header X-Content-Type-Options nosniff always;',
    'add_header Referrer-Policy same-origin always;',
  ];
}

/**
 * The chosen theme, before the first paint: this file is loaded in the head, blocking, and is small.
 * Without it, or without a choice, the page follows the system.
 */
const key = 'plumbline-theme';
type Theme = 'light' | 'dark';

function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    // Storage may be forbidden; the toggle then lasts as long as the page.
    return undefined;
  }
}

function current(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

const chosen = stored();
if (chosen !== undefined) document.documentElement.dataset['theme'] = chosen;

document.addEventListener('DOMContentLoaded', () => {
  const button = document.querySelector<HTMLButtonElement>('[data-theme-toggle]');
  if (button === null) return;
  const describe = (): void => {
    const label = current() === 'dark' ? 'Light theme' : 'Dark theme';
    const text = button.querySelector('[data-label]');
    if (text !== null) text.textContent = label;
  };
  button.hidden = false;
  describe();
  button.addEventListener('click', () => {
    const next: Theme = current() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = next;
    try {
      localStorage.setItem(key, next);
    } catch {
      // See above.
    }
    describe();
  });
});

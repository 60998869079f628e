/** Rows a page of a list shows. */
export const rowsOnPage = 50;

/** The page an address asks for, from 1; nonsense is the first. */
export function pageOf(address: URLSearchParams): number {
  const text = address.get('page') ?? '';
  return /^[1-9]\d{0,5}$/u.test(text) ? Number(text) : 1;
}

/** The same address on another page. */
export function pageAddress(path: string, address: URLSearchParams): (page: number) => string {
  return (page) => {
    const next = new URLSearchParams(address);
    next.set('page', String(page));
    return `${path}?${next}`;
  };
}

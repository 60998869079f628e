import type { LandedDelivery } from '../source.ts';
import type { Book } from './book.ts';
import { openWorkbook } from './open-workbook.ts';
import { readXlsxBook } from './xlsx-book.ts';

/** Opens a workbook of whatever format. Throws as `openWorkbook` does. */
export async function openBook(landed: LandedDelivery): Promise<Book> {
  const zip = await openWorkbook(landed);
  try {
    return await readXlsxBook(zip, landed);
  } finally {
    zip.close();
  }
}

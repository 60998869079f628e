import type { Hono } from 'hono';

/** A delivery as a workbook with its wrong cells marked. */
export interface MarkedDelivery {
  readonly fileName: string;
  /** The file, made as it is read. */
  readonly blocks: AsyncIterable<Uint8Array>;
}

/** Makes that of a delivery, by its number; undefined when none of its rows was rejected. Throws PlumblineError. */
export type MarkDelivery = (id: string, signal: AbortSignal) => Promise<MarkedDelivery | undefined>;

/** The address of the file for whoever sent a delivery. */
export const markedAddress = (id: string): string => `/deliveries/${id}/rejects.xlsx`;

/** Serves deliveries with their wrong cells marked. `onError` is told of a file that breaks off. */
export function addMarkedDeliveries(
  app: Hono,
  markDelivery: MarkDelivery,
  onError: (error: unknown) => void,
): void {
  // Ids are bigints: up to eighteen digits always are one.
  app.get('/deliveries/:id{[1-9][0-9]{0,17}}/rejects.xlsx', async (c) => {
    const file = await markDelivery(c.req.param('id'), c.req.raw.signal);
    if (file === undefined) return c.notFound();
    const { fileName, blocks } = file;
    return c.body(streamOf(blocks, onError), 200, {
      'content-type': fileName.endsWith('.xlsm')
        ? 'application/vnd.ms-excel.sheet.macroEnabled.12'
        : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'content-disposition': `attachment; filename*=UTF-8''${encodeFileName(fileName)}`,
      'cache-control': 'no-store',
    });
  });
}

/** `encodeURIComponent` leaves marks as they are that a header's value may not have (RFC 8187). */
const encodeFileName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/gu,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** What fails once the answer has begun can only break it off: the browser keeps no half of a file. */
function streamOf(
  blocks: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const iterator = blocks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        onError(error);
        controller.error(error);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server that can cut a connection after a number of bytes. */
export interface CuttingProxy {
  readonly port: number;
  /** The connection on which this many bytes (both ways added up, over all connections) have passed is cut. */
  cutAfter(bytes: number): void;
  /** Bytes that passed since `cutAfter`. */
  passed(): number;
  close(): Promise<void>;
}

export async function createCuttingProxy(target: {
  host: string;
  port: number;
}): Promise<CuttingProxy> {
  let left = Infinity;
  let passed = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    const pair = [client, upstream];
    const forward = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        const taken = Math.min(left, chunk.length);
        left -= taken;
        passed += taken;
        if (taken > 0) to.write(chunk.subarray(0, taken));
        if (left > 0) return;
        left = Infinity;
        for (const socket of pair) socket.destroySoon();
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    };
    for (const socket of pair) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    forward(client, upstream);
    forward(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cutAfter: (bytes) => {
      left = bytes;
      passed = 0;
    },
    passed: () => passed,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

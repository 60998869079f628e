import dgram from 'node:dgram';
import { once } from 'node:events';

export interface DnsServer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** From now on the name has this address. */
  point: (to: string) => void;
  /** How often it was asked for the name. */
  readonly asked: () => number;
  close: () => Promise<void>;
}

const typeA = 1;

/**
 * Answers for one name with one IPv4 address, and for all others that they do not exist
 * (https://www.rfc-editor.org/rfc/rfc1035#section-4). The TTL is an hour: what follows a change
 * sooner does so because of the proxy's own settings.
 */
export async function startDnsServer(name: string, address: string): Promise<DnsServer> {
  let current = address;
  let asked = 0;
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, from) => {
    const questionEnd = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, questionEnd);
    const known = nameIn(question) === name && question.readUInt16BE(question.length - 4) === typeA;
    if (known) asked += 1;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(known ? 0x81_80 : 0x81_83, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(known ? 1 : 0, 6);
    header.fill(0, 8);
    const answer = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 14, 16, 0, 4]);
    const bytes = Buffer.from(current.split('.').map(Number));
    socket.send(Buffer.concat([header, question, ...(known ? [answer, bytes] : [])]), from.port);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    point: (to) => {
      current = to;
    },
    asked: () => asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; (question[at] ?? 0) !== 0; at += (question[at] ?? 0) + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + (question[at] ?? 0)));
  }
  return labels.join('.');
}

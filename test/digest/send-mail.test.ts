import net from 'node:net';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { sendMail } from '../../src/digest/send-mail.ts';
import { parseSmtpUrl } from '../../src/digest/smtp-server.ts';
import { startMailCatcher } from './mail-catcher.ts';
import type { CatcherOptions, MailCatcher } from './mail-catcher.ts';

const message = Buffer.from('Subject: hello\r\n\r\nworld\r\n.leading dot\r\n');
const envelope = { from: 'numbers@acme.example', to: 'ops@acme.example' };
const timeouts = { connectMs: 2000, answerMs: 2000 };

async function catcher(options?: CatcherOptions): Promise<MailCatcher> {
  const started = await startMailCatcher(options);
  onTestFinished(() => started.close());
  return started;
}

const send = (url: string) => sendMail({ server: parseSmtpUrl(url), envelope, message, timeouts });

test('a mail that the server takes is sent', async () => {
  const { url, mails } = await catcher();
  expect(await send(url)).toEqual({ state: 'sent' });
  expect(mails.map((mail) => [mail.subject, mail.text])).toEqual([
    ['hello', 'world\n.leading dot\n'],
  ]);
});

for (const [code, retryable] of [
  [451, true],
  [552, false],
] as const) {
  test(`content answered with ${code} was not taken, ${retryable ? 'for now' : 'for good'}`, async () => {
    const { url, mails } = await catcher({ answer: () => code });
    expect(await send(url)).toMatchObject({ state: 'refused', retryable });
    expect(mails).toEqual([]);
  });

  test(`a recipient answered with ${code} was refused, ${retryable ? 'for now' : 'for good'}`, async () => {
    const { url, attempts } = await catcher({ recipient: () => code });
    expect(await send(url)).toMatchObject({ state: 'refused', retryable });
    expect(attempts).toEqual([]);
  });
}

test('a server that dies before the content has nothing', async () => {
  const { url } = await catcher({ recipient: () => 'cut' });
  expect(await send(url)).toMatchObject({ state: 'refused', retryable: true });
});

test('of a server that dies after the content nobody knows what it has', async () => {
  const { url, attempts } = await catcher({ answer: () => 'cut' });
  expect(await send(url)).toMatchObject({ state: 'unknown' });
  expect(attempts).toHaveLength(1);
});

test('of a server that never answers the content nobody knows what it has', async () => {
  const { url } = await catcher({ answer: () => new Promise(() => undefined) });
  const server = parseSmtpUrl(url);
  const outcome = await sendMail({ server, envelope, message, timeouts: { answerMs: 300 } });
  expect(outcome).toMatchObject({ state: 'unknown' });
});

test('a port nobody listens on is unreachable', async () => {
  const { port, close } = await startMailCatcher();
  await close();
  expect(await send(`smtp://127.0.0.1:${port}`)).toMatchObject({
    state: 'unreachable',
    retryable: true,
    reason: expect.stringContaining(`127.0.0.1:${port}`) as string,
  });
});

test('something that is no mail server is unreachable', async () => {
  const server = net.createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  const outcome = await sendMail({
    server: parseSmtpUrl(`smtp://127.0.0.1:${port}`),
    envelope,
    message,
    timeouts: { connectMs: 200 },
  });
  expect(outcome).toMatchObject({ state: 'unreachable', retryable: true });
});

const password = 'p@ss/w0rd %41?';
const withLogin = (port: number): string =>
  `smtp://mailer:${encodeURIComponent(password)}@127.0.0.1:${port}`;

test('it logs in with what the URL says, whatever characters it has', async () => {
  const seen: unknown[] = [];
  const { port, mails } = await catcher({
    smtp: {
      allowInsecureAuth: true,
      authOptional: false,
      onAuth: (auth, _, done) => {
        seen.push([auth.username, auth.password]);
        done(null, { user: auth.username });
      },
    },
  });
  expect(await send(withLogin(port))).toEqual({ state: 'sent' });
  expect(seen).toEqual([['mailer', password]]);
  expect(mails).toHaveLength(1);
});

test('a server that repeats the password does not put it into the reason', async () => {
  const plain = Buffer.from(`\0mailer\0${password}`).toString('base64');
  const { port } = await catcher({
    smtp: {
      allowInsecureAuth: true,
      onAuth: (auth, _, done) =>
        done(new Error(`no ${auth.password} nor ${plain} for ${withLogin(port)}`)),
    },
  });
  const outcome = await send(withLogin(port));
  expect(outcome).toMatchObject({ state: 'unreachable', retryable: false });
  const text = JSON.stringify(outcome);
  expect(text).not.toContain('p@ss');
  expect(text).not.toContain(plain);
  expect(text).not.toContain(encodeURIComponent(password));
});

test('a password goes to another machine over TLS only', () => {
  const rule = (url: string) => parseSmtpUrl(url).requireTls;
  expect(rule('smtp://user:pw@mail.example:587')).toBe(true);
  expect(rule('smtp://mail.example:25')).toBe(false);
  expect(rule('smtp://user:pw@localhost:1025')).toBe(false);
  expect(parseSmtpUrl('smtps://user:pw@mail.example')).toMatchObject({
    secure: true,
    place: 'mail.example:465',
  });
  expect(parseSmtpUrl('smtp://[::1]:2525')).toMatchObject({ host: '::1', port: 2525 });
});

test('an address that cannot be read is not quoted: it may hold a password', () => {
  for (const url of ['smtp//user:canary@mail', 'http://user:canary@mail', 'smtp://']) {
    expect(() => parseSmtpUrl(url)).toThrow(/^The address of the mail server cannot be read/u);
  }
});

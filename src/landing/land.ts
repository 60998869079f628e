import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { PlumblineError } from '../errors.ts';
import type { Offer } from '../source/source.ts';

/** A delivery that is kept: its content's identity and where it lies. */
export interface Landed {
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Absolute path, `DIR/<sha256>`. */
  readonly path: string;
}

/**
 * Keeps deliveries for good where the folder of the landing does not last, as on a machine that is
 * gone after an hour. The folder then holds only what is being read.
 */
export interface LandingArchive {
  /** Keeps the file at `landed.path`; once this resolves it is safe. The same content again is nothing new. */
  readonly keep: (landed: Landed) => Promise<void>;
  /** Writes the kept copy to `landed.path`; false when there is none. */
  readonly bringBack: (landed: Landed) => Promise<boolean>;
}

/** Where a delivery of this content is kept. */
export const landingPath = (dir: string, sha256: string): string => join(dir, sha256);

/** The kept copy of a content, when it is there and whole. */
export async function keptCopy(
  dir: string,
  { sha256, sizeBytes }: Omit<Landed, 'path'>,
): Promise<Landed | undefined> {
  const path = landingPath(dir, sha256);
  const kept = await stat(path).catch(() => undefined);
  return kept?.size === sizeBytes ? { sha256, sizeBytes, path } : undefined;
}

/**
 * Copies an offer to `dir/<sha256>`, hashing as it goes. The copy appears under its name only once
 * it is whole and on the disk: a reader of the landing never meets a part of a file.
 *
 * Throws what the offer throws (`source-changed`, `source-unreachable`, …); nothing is left behind.
 */
export async function land(offer: Offer, dir: string): Promise<Landed> {
  await mkdir(dir, { recursive: true });
  const temporary = join(dir, `.${process.pid}-${randomUUID()}.part`);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(temporary, 'wx', 0o600);
  try {
    for await (const chunk of offer.open()) {
      // The disk writes while the processor hashes.
      const written = file.writeFile(chunk);
      hash.update(chunk);
      sizeBytes += chunk.byteLength;
      await written;
    }
    const sha256 = hash.digest('hex');
    const path = landingPath(dir, sha256);
    const kept = await stat(path).catch(() => undefined);
    if (kept?.size === sizeBytes) {
      await file.close();
      await rm(temporary, { force: true });
      return { sha256, sizeBytes, path };
    }
    await file.sync();
    await file.close();
    await rename(temporary, path);
    return { sha256, sizeBytes, path };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw asPlumblineError(error, offer.name);
  }
}

/** Sees to it that a kept delivery lies in the folder, whole; false when neither it nor the archive has it. */
export async function bringBack(
  dir: string,
  content: Omit<Landed, 'path'>,
  archive: LandingArchive | undefined,
): Promise<boolean> {
  const { sha256, sizeBytes } = content;
  if ((await keptCopy(dir, content)) !== undefined) return true;
  if (archive === undefined) return false;
  await mkdir(dir, { recursive: true });
  const temporary = join(dir, `.${process.pid}-${randomUUID()}.part`);
  try {
    const isThere = await archive.bringBack({ sha256, sizeBytes, path: temporary });
    if (isThere) await rename(temporary, landingPath(dir, sha256));
    return isThere;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What the system says when a copy cannot grow. */
const noRoom: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota of this user is used up'],
  ['EFBIG', 'it is larger than a file of this process may be (ulimit -f)'],
]);

function asPlumblineError(error: unknown, name: string): unknown {
  if (error instanceof PlumblineError || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  const reason = typeof code === 'string' ? noRoom.get(code) : undefined;
  if (reason !== undefined) {
    return new PlumblineError('disk-full', {
      message: `${name}: ${reason}, the delivery could not be kept.`,
      retryable: true,
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' || code === 'EIO') {
    return new PlumblineError('source-unreachable', {
      message: `${name}: it cannot be read (${error.message}).`,
      remedy: 'Check that this user may read the file and that the disk is sound.',
      cause: error,
    });
  }
  return error;
}

/** Parts that a killed process left; younger ones may be another process' work in progress. */
const abandonedAfterMs = 24 * 3_600_000;

/** A file has the time of its disk, which may be behind the process' clock. */
const clockStepMs = 2000;

/** Removes parts of deliveries that no living process of this machine is writing. */
export async function removeAbandonedParts(dir: string, nowMs: number): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names) {
    const pid = /^\.(\d+)-.*\.part$/.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(dir, name);
    const modified = await stat(path).then(
      (found) => found.mtimeMs,
      () => nowMs,
    );
    // In a container each process has the number of the one before it, and finds what that one left:
    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (reset keeps /tmp)
    const isOwn = Number(pid) === process.pid && modified >= performance.timeOrigin - clockStepMs;
    const isOthers = Number(pid) !== process.pid && isAlive(Number(pid));
    const isYoung = nowMs - modified <= abandonedAfterMs;
    if (!isOwn && !(isOthers && isYoung)) await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

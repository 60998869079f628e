import { join } from 'node:path';

import { loadSource } from '../../src/load/load-source.ts';
import type { SourceResult, StoredError } from '../../src/load/result.ts';
import type { Offer, Source } from '../../src/source/source.ts';
import { createConnections } from '../../src/warehouse/connections.ts';
import { sceneSources } from './scene-sources.ts';

/** Where a run loads from and to; plain values, so that another process can be told. */
export interface Ground {
  readonly url: string;
  readonly dir: string;
  readonly landingDir: string;
  /** Of the API. */
  readonly origin: string;
}

/** What landing does, step by step: before and after the bytes of a delivery, and between them. */
export type LandingStep = 'open' | 'chunk' | 'end';

export interface RunSceneOptions {
  /** Default all. */
  readonly only?: readonly string[];
  readonly release?: boolean;
  readonly onLanding?: (step: LandingStep) => Promise<void> | void;
  /** Changes a source before it is loaded. */
  readonly change?: (source: Source, name: string) => Source;
}

export interface SceneResult {
  readonly sources: readonly SourceResult[];
  readonly errors: readonly StoredError[];
  readonly released: boolean;
}

/** Does what `plumbline run` does, without reading a project: loads the sources, then releases. */
export async function runScene(
  ground: Ground,
  options: RunSceneOptions = {},
): Promise<SceneResult> {
  const connections = createConnections({
    config: () => ({ connectionString: ground.url }),
    setRole: true,
    place: 'the test server',
  });
  const warehouse = { ...connections, description: 'test', close: () => connections.end() };
  const all = sceneSources(ground.origin);
  const sources: SourceResult[] = [];
  for (const [name, source] of all) {
    if (options.only?.includes(name) === false) continue;
    const changed = options.change?.(source, name) ?? source;
    sources.push(
      await loadSource({
        name,
        source: options.onLanding === undefined ? changed : told(changed, options.onLanding),
        warehouse,
        landingDir: ground.landingDir,
        context: {
          projectDir: ground.dir,
          env: () => undefined,
          zone: 'UTC',
          now: () => new Date().toISOString(),
          signal: new AbortController().signal,
        },
      }),
    );
  }
  const errors = sources.flatMap((source) => source.errors);
  if (options.release === false) return { sources, errors, released: false };
  try {
    // Postgres's parser takes half a second to load, and most processes are killed before.
    const { releaseScene } = await import('./release-scene.ts');
    return { sources, errors, released: await releaseScene(warehouse, all) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
    return { sources, errors: [...errors, { code, message, remedy: '' }], released: false };
  }
}

/** The source, which says how far landing has come and waits for the answer. */
export function told(
  source: Source,
  onLanding: (step: LandingStep) => Promise<void> | void,
): Source {
  const open = async function* (offer: Offer): AsyncIterable<Uint8Array> {
    await onLanding('open');
    for await (const chunk of offer.open()) {
      yield chunk;
      await onLanding('chunk');
    }
    await onLanding('end');
  };
  return {
    ...source,
    discover: async function* (context) {
      for await (const offer of source.discover(context)) {
        yield { ...offer, open: () => open(offer) };
      }
    },
  };
}

/** The landing folder of a ground. */
export const landingOf = (dir: string): string => join(dir, 'landing');

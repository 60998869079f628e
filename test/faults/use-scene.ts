import { afterAll, beforeAll, inject } from 'vitest';

import { createPostgresProxy, type PostgresProxy } from '../helpers/postgres-proxy.ts';
import { createScene, type Scene } from './scene.ts';

/** What the tests of a file share; there once the first of them begins. */
export interface SharedScene {
  readonly scene: () => Scene;
  /** A lane's own. */
  readonly proxy: (lane: number) => PostgresProxy;
}

/** Makes a scene and a proxy for each lane before the tests of the file, and removes them after. */
export function useScene(lanes: number): SharedScene {
  let scene: Scene | undefined;
  let proxies: readonly PostgresProxy[] = [];
  beforeAll(async () => {
    scene = await createScene();
    const url = inject('postgresUrl');
    proxies = await Promise.all(Array.from({ length: lanes }, () => createPostgresProxy(url)));
  }, 600_000);
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await scene?.remove();
  });
  return {
    scene: () => {
      if (scene === undefined) throw new Error('no test has begun');
      return scene;
    },
    proxy: (lane) => {
      const proxy = proxies[lane];
      if (proxy === undefined) throw new Error(`there are ${lanes} lanes`);
      return proxy;
    },
  };
}

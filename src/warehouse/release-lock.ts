import type { ClientBase } from 'pg';

/**
 * Waits until no release is under way and keeps others waiting until the transaction ends. Who
 * changes rights on relations takes it too: a release in the making would not know of them.
 */
export async function lockReleases(client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('plumbline:release', 0))`);
}

import type pg from 'pg';

/** The release a page shows, and whether a newer one is being held back. */
export interface ReleaseInfo {
  readonly id: string;
  /** ISO instant at which it became visible. */
  readonly at: string;
  /** Every check passed, those of level warn included. */
  readonly verified: boolean;
  readonly passed: number;
  readonly warned: number;
  /** The newest attempt after it that failed its checks; the old release goes on serving. */
  readonly held: { readonly id: string; readonly at: string; readonly failed: number } | undefined;
}

/** Reads the newest release; undefined before the first one. */
export async function readRelease(client: pg.ClientBase): Promise<ReleaseInfo | undefined> {
  const { rows } = await client.query<{
    id: string;
    state: string;
    at: string;
    verified: boolean;
    passed: number;
    warned: number;
    failed: number;
  }>(
    `(select id::text, state, to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
             verified, passed, warned, failed
        from plumbline.release where state = 'released' order by release.id desc limit 1)
     union all
     (select id::text, state, to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             verified, passed, warned, failed
        from plumbline.release where state = 'held' order by release.id desc limit 1)`,
  );
  const released = rows.find((row) => row.state === 'released');
  if (released === undefined) return undefined;
  const held = rows.find((row) => row.state === 'held' && BigInt(row.id) > BigInt(released.id));
  return {
    id: released.id,
    at: released.at,
    verified: released.verified,
    passed: released.passed,
    warned: released.warned,
    held: held === undefined ? undefined : { id: held.id, at: held.at, failed: held.failed },
  };
}

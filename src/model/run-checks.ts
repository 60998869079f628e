import type { ClientBase } from 'pg';

import type { Staged } from './build-relation.ts';
import type { Check } from './model.ts';
import { redirectRelations } from './redirect-relations.ts';
import type { CheckResult } from './release-result.ts';
import { namingFailures } from './sql-failure.ts';

interface Finding {
  readonly rows: string;
  readonly sample: Record<string, string | null>[];
}

/**
 * Runs one check: counts the rows it returns and keeps up to five. Values of the sample are texts as
 * Postgres writes them, since a decimal in JSON would come back as a double.
 */
export async function runCheck(
  client: ClientBase,
  check: Check,
  staged: Staged,
): Promise<CheckResult> {
  const started = performance.now();
  const prefix = 'with wrong as materialized (';
  const redirected = redirectRelations(check.sql, staged);
  const sent = {
    subject: `check ${check.name}`,
    file: check.file,
    line: check.line,
    redirected,
    // SQL of a check that a model declares is written in no file.
    ...(check.model === undefined ? { original: check.sql } : {}),
  };
  const { rows } = await namingFailures(sent, prefix, () =>
    client.query<Finding>(`${prefix}${redirected.sql}
      )
      select (select count(*) from wrong) as rows, coalesce(
        (select jsonb_agg((select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(few))))
         from (select * from wrong limit 5) few), '[]') as sample`),
  );
  const found = Number(rows[0]?.rows ?? 0);
  const broken = check.level === 'warn' ? 'warned' : 'failed';
  return {
    name: check.name,
    model: check.model,
    level: check.level,
    status: found === 0 ? 'passed' : broken,
    rows: found,
    sample: rows[0]?.sample ?? [],
    ms: performance.now() - started,
  };
}

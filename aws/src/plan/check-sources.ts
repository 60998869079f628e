import type { Source } from 'plumbline/runtime';

import { showCents } from '../price/money.ts';
import { natInstanceCents } from '../price/nat-instance-cents.ts';
import { bucketFault, variableFault } from '../settings/aws-schema.ts';
import { inBucketInstead } from './in-bucket-instead.ts';
import { sourceFile } from './job-file.ts';
import { keptPrefix } from './kept-prefix.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';
import { bucketOf, endsOf, loadedSources } from './source-needs.ts';

/** Finds sources that cannot be read from where their functions run. */
export function checkSources(planning: Planning): void {
  for (const [name, source] of loadedSources(planning.project)) {
    checkPlace(planning, name, source);
    checkSecretNames(planning, name, source);
  }
  checkEgress(planning);
}

/** Without a way out, functions reach AWS and nothing else. */
function checkEgress(planning: Planning): void {
  const { network, region } = planning.settings;
  if (network?.egress !== 'none') return;
  const outside = loadedSources(planning.project).filter(([, { place }]) => {
    return place?.kind === 'http' || (place?.kind === 's3' && place.isElsewhere);
  });
  if (outside.length === 0) return;
  const dollars = showCents(BigInt(natInstanceCents(region, network.natInstanceType)));
  settingMistake(planning, {
    place: 'network.egress',
    message: `${outside.map(([name]) => sourceFile(name)).join(', ')} ${outside.length === 1 ? 'reads' : 'read'} from outside AWS, and there is no way out`,
    value: "'none'",
    expected: `'nat-instance', about $${dollars} a month, the cheapest that works`,
  });
}

function checkPlace(planning: Planning, name: string, source: Source): void {
  const file = sourceFile(name);
  const { mistakes, settings } = planning;
  const { place } = source;
  if (place?.kind === 'folder') {
    mistakes.push({
      file,
      place: 'from',
      message: 'reads a folder, and there is none on AWS: files lie in a bucket',
      value: `folder('${place.pattern}')`,
      expected: inBucketInstead(settings.landing?.bucket, { source: name, pattern: place.pattern }),
    });
  }
  const inBucket = bucketOf(place);
  if (source.onUpload === true && inBucket === undefined && place?.kind !== 'folder') {
    mistakes.push({
      file,
      place: 'onUpload',
      message: 'only a bucket of AWS says when a file is put into it',
      value: 'true',
      expected: "no onUpload, or from: s3('…')",
    });
  }
  if (inBucket === undefined) return;
  const { bucket, pattern } = inBucket;
  const value = `s3('${bucket}/${pattern}')`;
  const fault = bucketFault(bucket);
  // Buckets of other people may have dots in their names.
  if (fault !== undefined && !fault.includes('dots')) {
    mistakes.push({
      file,
      place: 'from',
      message: `there is no bucket '${bucket}'`,
      value,
      expected: fault,
    });
  }
  const { prefix } = endsOf(pattern);
  const meetsKept = prefix.startsWith(keptPrefix) || keptPrefix.startsWith(prefix);
  if (bucket === settings.landing?.bucket && meetsKept) {
    mistakes.push({
      file,
      place: 'from',
      message: `would read the kept copies of deliveries, which lie under ${keptPrefix} of the same bucket`,
      value,
      expected: `a folder of its own: s3('${bucket}/${name}/${pattern.split('/').at(-1) ?? '*'}')`,
    });
  }
}

function checkSecretNames({ mistakes }: Planning, name: string, source: Source): void {
  for (const { kind, name: variable } of source.settings ?? []) {
    const fault = variableFault(variable);
    if (fault === undefined) continue;
    // Lambda has AWS_REGION, which a source may well read; its AWS_SECRET_ACCESS_KEY is nobody's secret but its own.
    if (kind === 'setting' && /^[A-Za-z]\w+$/.test(variable)) continue;
    mistakes.push({
      file: sourceFile(name),
      message: `${kind}('${variable}') cannot be the name of a variable on AWS`,
      value: `'${variable}'`,
      expected: fault,
    });
  }
}

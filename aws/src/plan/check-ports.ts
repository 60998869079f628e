import type { Source } from 'plumbline/runtime';

import { sourceFile } from './job-file.ts';
import { settingMistake } from './planning.ts';
import type { Planning } from './planning.ts';
import { loadedSources } from './source-needs.ts';

/** Finds addresses that functions cannot reach: their way out is one port, that of https. */
export function checkPorts(planning: Planning): void {
  for (const [name, source] of loadedSources(planning.project)) {
    const { place } = source;
    if (place?.kind === 'http' && place.address !== undefined) {
      const { address } = place;
      const port = otherPort(address);
      if (port !== undefined) {
        planning.mistakes.push({
          file: sourceFile(name),
          place: source.kind === 'api' ? 'url' : 'from',
          message: `asks port ${port}, and functions on AWS get out by port 443 only`,
          value: `'${address}'`,
          expected: 'an address that starts with https://, without another port',
        });
      }
    }
    checkVariables(planning, name, source);
  }
}

/** Of variables whose value is an address, from the settings file or the source's own fallback. */
function checkVariables(planning: Planning, name: string, { settings = [] }: Source): void {
  const given = planning.settings.variables ?? {};
  for (const { kind, name: variable, fallback } of settings) {
    if (kind === 'secret') continue;
    const value = given[variable] ?? fallback ?? '';
    const port = otherPort(value);
    if (port === undefined) continue;
    settingMistake(planning, {
      place: `variables.${variable}`,
      message: `${sourceFile(name)} would ask port ${port}, and functions on AWS get out by port 443 only`,
      value: `'${new URL(value).origin}'`,
      expected: 'an address that starts with https://, without another port',
    });
  }
}

/** The port of a web address that is not 443; undefined for that one, and for what is no address. */
function otherPort(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, port } = new URL(text);
  const used = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return used === '443' ? undefined : used;
}

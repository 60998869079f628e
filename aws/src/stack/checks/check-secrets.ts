import { resourcesOf } from '../template.ts';
import { functionsOf } from './check-functions.ts';
import type { Check, Found } from './finding.ts';
import { fieldsOf, isFields, renderValue } from './values.ts';

/** What is a secret wherever it stands; the finding never repeats it. */
const secrets: readonly (readonly [string, RegExp])[] = [
  ['an access key of AWS', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  // A reference to a secret is what is expected there.
  ['a password in an address', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']+:(?!\$\{)[^\s/@"']+@/],
  // Their _ and - keep these apart from base64, of which user data is full.
  ['a token', /\b(?:gh[pousr]_|github_pat_|xox[abprs]-|sk_live_|glpat-|eyJhbGciOi)[-\w]{10,}/],
];

/** Properties that hold a secret's value itself. */
const valueProperties = ['SecretString', 'MasterUserPassword', 'TdeCredentialPassword'];

export const inlineSecrets: Check = {
  name: 'inline-secrets',
  promise: 'no value of a secret is in the template',
  find: (template) => [
    ...resourcesOf(template).flatMap(({ id, properties }) => [
      ...valueProperties
        .filter((name) => name in properties)
        .map((name) => ({
          resource: id,
          message: `has ${name}; expected a secret that is made or filled in outside of the template`,
        })),
      ...search(id, properties),
    ]),
    ...Object.entries(template.Outputs ?? {}).flatMap(([id, output]) => search(id, output.Value)),
  ],
};

function search(resource: string, value: unknown): readonly Found[] {
  return textsOf(value).flatMap((text) =>
    secrets
      .filter(([, pattern]) => pattern.test(text))
      .map(([what]) => ({ resource, message: `has ${what} in it; expected a secret()` })),
  );
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  // A text put together from parts is looked at as a whole, and its parts are not texts of their own.
  if (isFields(value) && ('Fn::Join' in value || 'Fn::Sub' in value)) return [renderValue(value)];
  if (Array.isArray(value)) return value.flatMap((each) => textsOf(each));
  return isFields(value) ? Object.values(value).flatMap((each) => textsOf(each)) : [];
}

const secretName = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

export const secretVariables: Check = {
  name: 'secret-variables',
  promise: 'no variable of a function is named like a secret and holds a plain value',
  find: (template) =>
    functionsOf(template).flatMap(({ id, properties }) =>
      Object.entries(fieldsOf(fieldsOf(properties['Environment'])['Variables']))
        .filter(([name, value]) => secretName.test(name) && typeof value === 'string')
        .map(([name]) => ({
          resource: id,
          message: `the variable ${name} is a plain value, which everybody sees who may see the function; expected secret('${name}') in the source`,
        })),
    ),
};

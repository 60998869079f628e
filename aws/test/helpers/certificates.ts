import type * as X509 from '@peculiar/x509';

/** A key and its certificate, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a test's own: what RDS has one of in each region. */
export interface Authority {
  /** Its certificate as PEM: what `rds-ca.pem` is on AWS. */
  readonly ca: string;
  /** A certificate of a server for these names and addresses, valid for a day. */
  issue(names: readonly string[]): Promise<Certificate>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

export async function createAuthority(name = 'Plumbline test CA'): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    ca: root.toString('pem'),
    issue: async (names) => {
      const own = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: `CN=${names[0] ?? 'localhost'}`,
        issuer: root.subject,
        ...validity(),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.SubjectAlternativeNameExtension(
            names.map((value): X509.JsonGeneralName =>
              /^[\d.]+$/.test(value) ? { type: 'ip', value } : { type: 'dns', value },
            ),
          ),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', own.privateKey));
      return {
        certificate: issued.toString('pem'),
        key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
      };
    },
  };
}

const serial = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex');

const validity = (): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(Date.now() - dayMs),
  notAfter: new Date(Date.now() + dayMs),
});

/**
 * The package asks for decorator metadata as it loads (https://github.com/microsoft/tsyringe), of
 * which the certificates need nothing but that it is there.
 */
async function loadX509(): Promise<typeof X509> {
  const metadata = new WeakMap<object, Map<unknown, unknown>>();
  const own = Reflect as unknown as Record<string, unknown>; // Methods that a package would add.
  own['getMetadata'] ??= (key: unknown, target: object) => metadata.get(target)?.get(key);
  own['getOwnMetadata'] ??= own['getMetadata'];
  own['hasOwnMetadata'] ??= (key: unknown, target: object) => metadata.get(target)?.has(key);
  own['defineMetadata'] ??= (key: unknown, value: unknown, target: object) => {
    const known = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, known.set(key, value));
  };
  own['metadata'] ??= () => () => undefined;
  return import('@peculiar/x509');
}

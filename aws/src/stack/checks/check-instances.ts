import { resourcesOf } from '../template.ts';
import type { Check } from './finding.ts';
import { fieldsOf, listOf, renderValue } from './values.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const userDataMax = 16_384;

export const instances: Check = {
  name: 'instances',
  promise:
    'machines have no key pair, an encrypted disk, metadata by token only and not for others, a set-up that EC2 takes, and an image for their processor',
  find: (template) =>
    resourcesOf(template, 'AWS::EC2::Instance').flatMap(({ id, properties }) => {
      const metadata = fieldsOf(properties['MetadataOptions']);
      const disks = listOf(properties['BlockDeviceMappings']).map((each) =>
        fieldsOf(fieldsOf(each)['Ebs']),
      );
      // References are put in later: 80 characters are a long host name.
      const userData = renderValue(properties['UserData']).replaceAll(
        /\$\{[^}]+\}/g,
        'x'.repeat(80),
      );
      const bytes = Buffer.byteLength(userData);
      const wrong = [
        ...('KeyName' in properties ? ['has a key pair; expected Session Manager only'] : []),
        ...(metadata['HttpTokens'] === 'required'
          ? []
          : [`HttpTokens is ${renderValue(metadata['HttpTokens'])}; expected required`]),
        ...(metadata['HttpPutResponseHopLimit'] === 1
          ? []
          : [`the hop limit is ${renderValue(metadata['HttpPutResponseHopLimit'])}; expected 1`]),
        ...(disks.length > 0 && disks.every((disk) => disk['Encrypted'] === true)
          ? []
          : ['has a disk that is not encrypted; expected Encrypted']),
        ...(bytes <= userDataMax
          ? []
          : [`its user data has ${bytes} bytes; expected at most ${userDataMax}`]),
        ...processorFault(
          renderValue(properties['ImageId']),
          renderValue(properties['InstanceType']),
        ),
      ];
      return wrong.map((message) => ({ resource: id, message }));
    }),
};

/** Only the name of a parameter tells what processor an image is for; an id does not. */
function processorFault(image: string, instanceType: string): readonly string[] {
  const processor = /-(arm64|x86_64)(?::\d+)?\}\}$/.exec(image)?.[1];
  const wanted = isArm(instanceType) ? 'arm64' : 'x86_64';
  if (processor === undefined || processor === wanted) return [];
  return [`is a ${instanceType} with an image for ${processor}; expected one for ${wanted}`];
}

/** Graviton's families have a `g` after their generation: `t4g`, `m7gd`. */
export function isArm(instanceType: string): boolean {
  return /^(?:[a-z]+\d+g[a-z]*|a1)\./.test(instanceType);
}

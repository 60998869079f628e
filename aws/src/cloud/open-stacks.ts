import type { Stack } from '@aws-sdk/client-cloudformation';

import type { Stacks, StackResource, StackState, Template } from './cloud.ts';
import type { Connection } from './connection.ts';

/** CloudFormation. */
export function openStacks({ region, signal, guard }: Connection): Stacks {
  const load = async () => {
    const sdk = await import('@aws-sdk/client-cloudformation');
    return { sdk, client: new sdk.CloudFormationClient({ region }) };
  };
  const options = { abortSignal: signal };
  return {
    describe: (StackName) =>
      guard(async () => {
        const { sdk, client } = await load();
        const found = await client
          .send(new sdk.DescribeStacksCommand({ StackName }), options)
          .catch((error: unknown) => {
            if (isAbsent(error)) return undefined;
            throw error;
          });
        const stack = found?.Stacks?.[0];
        return stack === undefined ? undefined : stateOf(stack);
      }),
    template: (StackName) =>
      guard(async () => {
        const { sdk, client } = await load();
        const { TemplateBody = '' } = await client.send(
          new sdk.GetTemplateCommand({ StackName, TemplateStage: 'Original' }),
          options,
        );
        return parseTemplate(TemplateBody);
      }),
    resources: (StackName) =>
      guard(async () => {
        const { sdk, client } = await load();
        const found: StackResource[] = [];
        for await (const page of sdk.paginateListStackResources({ client }, { StackName })) {
          for (const each of page.StackResourceSummaries ?? []) {
            found.push({
              logicalId: each.LogicalResourceId ?? '',
              physicalId: each.PhysicalResourceId ?? '',
              type: each.ResourceType ?? '',
              status: each.ResourceStatus ?? '',
            });
          }
        }
        return found;
      }),
    failures: (StackName, sinceMs) =>
      guard(async () => {
        const { sdk, client } = await load();
        const { StackEvents = [] } = await client.send(
          new sdk.DescribeStackEventsCommand({ StackName }),
          options,
        );
        return StackEvents.filter(
          (event) =>
            (event.Timestamp?.getTime() ?? 0) >= sinceMs &&
            (event.ResourceStatus ?? '').endsWith('_FAILED') &&
            // What was stopped because another one failed explains nothing.
            !/cancelled/i.test(event.ResourceStatusReason ?? ''),
        )
          .reverse()
          .map(
            (event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason ?? 'no reason'}`,
          );
      }),
    protect: (StackName, isProtected) =>
      guard(async () => {
        const { sdk, client } = await load();
        await client.send(
          new sdk.UpdateTerminationProtectionCommand({
            StackName,
            EnableTerminationProtection: isProtected,
          }),
          options,
        );
      }),
  };
}

/** CloudFormation calls it a ValidationError, as it does much else. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && /does not exist/.test(error.message);

function stateOf(stack: Stack): StackState {
  const changed = stack.LastUpdatedTime ?? stack.CreationTime;
  return {
    id: stack.StackId ?? '',
    status: stack.StackStatus ?? '',
    reason: stack.StackStatusReason,
    changedAt: changed?.toISOString() ?? '',
    isProtected: stack.EnableTerminationProtection === true,
    outputs: Object.fromEntries(
      (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
  };
}

function parseTemplate(body: string): Template | undefined {
  try {
    // The cast: CloudFormation has accepted it as a template.
    return JSON.parse(body) as Template;
  } catch {
    return undefined;
  }
}

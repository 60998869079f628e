import type { Template } from '../../src/cloud/cloud.ts';

interface DeployedTemplate extends Template {
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

interface StackEvent {
  readonly EventId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason?: string;
  readonly Timestamp: string;
  readonly StackId: string;
  readonly StackName: string;
}

export interface StubStack {
  readonly id: string;
  status: string;
  template: DeployedTemplate;
  isProtected: boolean;
  outputs: Record<string, string>;
  readonly createdAt: string;
  updatedAt: string | undefined;
  readonly events: StackEvent[];
  changeSet: { name: string; type: string; template: DeployedTemplate } | undefined;
}

export interface CloudFormationStub {
  readonly stacks: Map<string, StubStack>;
  /** Adds a stack as if it had been deployed. */
  readonly putStack: (name: string, template?: DeployedTemplate, status?: string) => StubStack;
  /** Deployments stay under way until `finish` is called. */
  readonly hold: (name: string) => { finish: () => void };
  /** The next deployment fails at this resource for this reason. */
  readonly failAt: (logicalId: string, reason: string) => void;
}

interface Options {
  readonly account: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly onDeploy: (template: DeployedTemplate) => void;
}

type Answer = Record<string, unknown> | undefined;

/**
 * Stacks that are made of their templates at once: every resource is there when a change set is
 * executed, with `STACK-LOGICALID` as what `Ref` gives.
 */
export function createCloudFormation({
  account,
  objects,
  onDeploy,
}: Options): CloudFormationStub & {
  answer: (action: string, input: Readonly<Record<string, string>>) => Answer;
} {
  const stacks = new Map<string, StubStack>();
  const held = new Set<string>();
  let failure: { logicalId: string; reason: string } | undefined;
  const arn = (name: string): string =>
    `arn:aws:cloudformation:eu-central-1:${account}:stack/${name}/0`;
  const find = (nameOrArn: string): [string, StubStack] | undefined => {
    const name = /:stack\/([^/]+)\//.exec(nameOrArn)?.[1] ?? nameOrArn;
    const stack = stacks.get(name);
    return stack === undefined ? undefined : [name, stack];
  };

  function putStack(name: string, template: DeployedTemplate = {}, status = 'CREATE_COMPLETE') {
    const stack: StubStack = {
      id: arn(name),
      status,
      template,
      isProtected: false,
      outputs: outputsOf(name, template),
      createdAt: new Date().toISOString(),
      updatedAt: undefined,
      events: [],
      changeSet: undefined,
    };
    stacks.set(name, stack);
    return stack;
  }

  function add(name: string, stack: StubStack, event: Partial<StackEvent>): void {
    const { length } = stack.events;
    stack.events.unshift({
      EventId: `e${length}`,
      StackId: stack.id,
      StackName: name,
      LogicalResourceId: name,
      ResourceType: 'AWS::CloudFormation::Stack',
      ResourceStatus: stack.status,
      // Apart by a millisecond, as time goes on.
      Timestamp: new Date(Date.now() + length).toISOString(),
      ...event,
    });
  }

  function execute(name: string, stack: StubStack): void {
    const { changeSet } = stack;
    if (changeSet === undefined) return;
    const verb = changeSet.type === 'CREATE' ? 'CREATE' : 'UPDATE';
    stack.status = `${verb}_IN_PROGRESS`;
    add(name, stack, {});
    const finish = (): void => {
      for (const [logicalId, { Type }] of Object.entries(changeSet.template.Resources ?? {})) {
        const event = { LogicalResourceId: logicalId, ResourceType: Type };
        if (failure?.logicalId === logicalId) {
          const { reason } = failure;
          add(name, stack, {
            ...event,
            ResourceStatus: `${verb}_FAILED`,
            ResourceStatusReason: reason,
          });
          stack.status = verb === 'CREATE' ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE';
          add(name, stack, {});
          failure = undefined;
          return;
        }
        if (
          JSON.stringify(stack.template.Resources?.[logicalId]) !==
          JSON.stringify(changeSet.template.Resources?.[logicalId])
        ) {
          add(name, stack, { ...event, ResourceStatus: `${verb}_COMPLETE` });
        }
      }
      stack.template = changeSet.template;
      stack.outputs = outputsOf(name, changeSet.template);
      stack.status = `${verb}_COMPLETE`;
      stack.updatedAt = new Date().toISOString();
      stack.changeSet = undefined;
      onDeploy(changeSet.template);
      add(name, stack, {});
    };
    if (held.has(name)) finishers.set(name, finish);
    else finish();
  }
  const finishers = new Map<string, () => void>();

  function describe(name: string, stack: StubStack): Record<string, unknown> {
    return {
      StackId: stack.id,
      StackName: name,
      StackStatus: stack.status,
      CreationTime: stack.createdAt,
      LastUpdatedTime: stack.updatedAt,
      EnableTerminationProtection: stack.isProtected,
      Outputs: Object.entries(stack.outputs).map(([OutputKey, OutputValue]) => ({
        OutputKey,
        OutputValue,
      })),
      ...(name === 'CDKToolkit' ? { Outputs: toolkitOutputs } : {}),
    };
  }
  const toolkitOutputs = [
    { OutputKey: 'BootstrapVersion', OutputValue: '30' },
    { OutputKey: 'BucketName', OutputValue: `cdk-hnb659fds-assets-${account}-eu-central-1` },
  ];

  function answer(action: string, input: Readonly<Record<string, string>>): Answer {
    const name = input['StackName'] ?? '';
    const found = find(name);
    if (action === 'CreateChangeSet') {
      const body =
        input['TemplateBody'] ??
        objects
          .get(new URL(input['TemplateURL'] ?? '').pathname.split('/').at(-1) ?? '')
          ?.toString('utf8');
      const template = parse(body ?? '{}');
      const type = input['ChangeSetType'] ?? 'UPDATE';
      const stack = found?.[1] ?? putStack(name, {}, 'REVIEW_IN_PROGRESS');
      stack.changeSet = { name: input['ChangeSetName'] ?? '', type, template };
      return { Id: `${arn(name)}/change`, StackId: stack.id };
    }
    if (found === undefined) return { error: `Stack with id ${name} does not exist` };
    const [known, stack] = found;
    switch (action) {
      case 'DescribeStacks':
        return { Stacks: [describe(known, stack)] };
      case 'GetTemplate':
        return { TemplateBody: JSON.stringify(stack.template), StagesAvailable: ['Original'] };
      case 'DescribeChangeSet':
        if (stack.changeSet === undefined) {
          return { code: 'ChangeSetNotFound', error: 'ChangeSet does not exist' };
        }
        return {
          StackName: known,
          StackId: stack.id,
          ChangeSetName: stack.changeSet.name,
          Status: 'CREATE_COMPLETE',
          ExecutionStatus: 'AVAILABLE',
          Changes: Object.entries(stack.changeSet.template.Resources ?? {}).map(
            ([LogicalResourceId, { Type }]) => ({
              Type: 'Resource',
              ResourceChange: { Action: 'Add', LogicalResourceId, ResourceType: Type },
            }),
          ),
        };
      case 'ExecuteChangeSet':
        execute(known, stack);
        return {};
      case 'DescribeStackEvents':
        return { StackEvents: stack.events };
      case 'DescribeStackResources':
        return { StackResources: [] };
      case 'DescribeEvents':
        return { OperationEvents: [] };
      case 'ListStackResources':
        return {
          StackResourceSummaries: Object.entries(stack.template.Resources ?? {}).map(
            ([LogicalResourceId, { Type }]) => ({
              LogicalResourceId,
              PhysicalResourceId: `${known}-${LogicalResourceId}`,
              ResourceType: Type,
              ResourceStatus: 'CREATE_COMPLETE',
              LastUpdatedTimestamp: stack.createdAt,
            }),
          ),
        };
      case 'UpdateTerminationProtection':
        stack.isProtected = input['EnableTerminationProtection'] === 'true';
        return { StackId: stack.id };
      case 'DeleteChangeSet':
        stack.changeSet = undefined;
        return {};
      case 'DeleteStack':
        if (stack.isProtected)
          return {
            error: `Stack [${known}] cannot be deleted while TerminationProtection is enabled`,
          };
        stacks.delete(known);
        return {};
      default:
        return undefined;
    }
  }

  return {
    stacks,
    putStack,
    hold: (name) => {
      held.add(name);
      return {
        finish: () => {
          held.delete(name);
          finishers.get(name)?.();
        },
      };
    },
    failAt: (logicalId, reason) => (failure = { logicalId, reason }),
    answer,
  };
}

/** The toolkit's template is YAML, and is not looked into. */
function parse(body: string): DeployedTemplate {
  return body.trimStart().startsWith('{') ? (JSON.parse(body) as DeployedTemplate) : {};
}

const outputsOf = (name: string, template: DeployedTemplate): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.Outputs ?? {}).map(([key, { Value }]) => [key, resolve(name, Value)]),
  );

/** As much of the functions of a template as outputs use. */
function resolve(stack: string, value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, given] = ['', '']] = Object.entries(value as Record<string, unknown>);
  if (key === 'Ref') return `${stack}-${String(given)}`;
  if (key === 'Fn::GetAtt') {
    const [id, attribute] = given as [string, string];
    return `${stack}-${id}.${attribute}`;
  }
  if (key === 'Fn::Join') {
    const [separator, parts] = given as [string, unknown[]];
    return parts.map((part) => resolve(stack, part)).join(separator);
  }
  return `${stack}-${key}`;
}

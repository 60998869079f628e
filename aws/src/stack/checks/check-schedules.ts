import { resourcesOf } from '../template.ts';
import type { Template } from '../template.ts';
import { expressionFaults } from './cron-faults.ts';
import type { Check, Found } from './finding.ts';
import { statementsOf } from './policy.ts';
import { fieldsOf, numberOf, renderValue, textOf } from './values.ts';

export const schedules: Check = {
  name: 'schedules',
  promise:
    'every schedule has an expression and a zone that EventBridge knows, fires to the minute, and says for which moment',
  find: (template) =>
    resourcesOf(template, 'AWS::Scheduler::Schedule').flatMap(({ id, properties }) => {
      const expression = renderValue(properties['ScheduleExpression']);
      const zone = textOf(properties['ScheduleExpressionTimezone']);
      const target = fieldsOf(properties['Target']);
      const mode = fieldsOf(properties['FlexibleTimeWindow'])['Mode'];
      const messages = [
        ...expressionFaults(expression).map((fault) => `${expression}: ${fault}`),
        ...(isZone(zone) ? [] : [`its zone is ${zone ?? 'left out'}; expected one of IANA's`]),
        ...(mode === 'OFF' ? [] : [`its window is ${renderValue(mode)}; expected OFF`]),
        ...inputFaults(target['Input']),
        ...(fieldsOf(target['DeadLetterConfig'])['Arn'] === undefined
          ? ['what cannot be delivered is lost; expected FailedEvents']
          : []),
      ];
      return messages.map((message) => ({ resource: id, message }));
    }),
};

/** A zone by its name; `Intl` also takes offsets such as `+02:00`, which know no summer. */
function isZone(zone: string | undefined): boolean {
  if (zone === undefined || !/^[A-Za-z]/.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function inputFaults(value: unknown): readonly string[] {
  const expected = 'expected kind, job and <aws.scheduler.scheduled-time>';
  try {
    const input = fieldsOf(JSON.parse(textOf(value) ?? ''));
    const isWhole =
      input['kind'] === 'schedule' &&
      textOf(input['job']) !== undefined &&
      input['scheduledTime'] === '<aws.scheduler.scheduled-time>';
    return isWhole ? [] : [`its input is ${textOf(value) ?? ''}; ${expected}`];
  } catch {
    return [`its input is no JSON; ${expected}`];
  }
}

export const schedulerRole: Check = {
  name: 'scheduler-role',
  promise: 'the scheduler may start the functions it has schedules for, and no other',
  find: (template) => {
    const targets = new Set(
      resourcesOf(template, 'AWS::Scheduler::Schedule').map(({ properties }) =>
        renderValue(fieldsOf(properties['Target'])['Arn']),
      ),
    );
    const allowed = statementsOf(template, 'SchedulerRole')
      .filter(({ actions }) => actions.includes('lambda:InvokeFunction'))
      .flatMap(({ resources }) => resources);
    const sentence = (arn: string, what: string): Found => ({
      resource: 'SchedulerRole',
      message: `${arn} ${what}; expected exactly the functions of the schedules`,
    });
    return [
      ...allowed.filter((arn) => !targets.has(arn)).map((arn) => sentence(arn, 'has no schedule')),
      ...[...targets]
        .filter((arn) => !allowed.includes(arn))
        .map((arn) => sentence(arn, 'may not be started')),
    ];
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html: seven days from periods of an hour, else one. */
export const alarms: Check = {
  name: 'alarms',
  promise: 'every alarm tells the topic, and looks back no longer than CloudWatch can',
  find: (template: Template) =>
    resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(({ id, properties }) => {
      const period = numberOf(properties['Period']) ?? 0;
      const seconds = period * (numberOf(properties['EvaluationPeriods']) ?? 1);
      const most = period >= 3600 ? 7 * 86_400 : 86_400;
      return [
        ...(renderValue(properties['AlarmActions']).includes('${Alarms}')
          ? []
          : [{ resource: id, message: 'tells nobody; expected the topic Alarms' }]),
        ...(seconds <= most
          ? []
          : [{ resource: id, message: `looks back ${seconds} s; expected at most ${most}` }]),
      ];
    }),
};

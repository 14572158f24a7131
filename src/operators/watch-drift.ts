import { map, type OperatorFunction } from 'rxjs';
import type { MonitorTask } from './monitor-task.js';
import type { Step } from './step.js';

/** Samples each step for every monitor and evaluates the periods that end in it. */
export function watchDrift(monitors: readonly MonitorTask[]): OperatorFunction<Step, Step> {
  return map((step) => {
    const before = monitors.map(({ policy }) => policy);
    const heard = monitors.flatMap((monitor) => monitor.hear(step));
    const outputs = monitors.map((monitor) => monitor.process(step));
    step.checks = outputs.flatMap((output) => output.checks);
    step.emissions = [...heard, ...outputs.flatMap((output) => output.emissions)];
    step.captured = outputs.flatMap((output) => output.captured);
    step.judged = monitors.flatMap(({ definition, policy }, i) =>
      policy === before[i] ? [] : [{ monitor: definition.name, before: before[i]!, after: policy }],
    );
    return step;
  });
}

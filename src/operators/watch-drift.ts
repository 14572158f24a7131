import { map, type OperatorFunction } from 'rxjs';
import type { MonitorTask } from './monitor-task.js';
import type { Step } from './step.js';

/** Samples each step for every monitor and evaluates the periods that end in it. */
export function watchDrift(monitors: readonly MonitorTask[]): OperatorFunction<Step, Step> {
  return map((step) => {
    const outputs = monitors.map((monitor) => monitor.process(step));
    step.checks = outputs.flatMap((output) => output.checks);
    step.emissions = outputs.flatMap((output) => output.emissions);
    step.captured = outputs.flatMap((output) => output.captured);
    return step;
  });
}

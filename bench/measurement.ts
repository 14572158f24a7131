import type { Case, Inputs, Outcome } from './cases.js';

/** One run of a case in a process of its own; JIT warm-up is part of it, start-up is not. */
export interface Measurement extends Outcome {
  readonly seconds: number;
  /** Processor time of all threads, garbage collection included. */
  readonly cpuSeconds: number;
}

/** Measures a case once. */
export async function measure(one: Case, inputs: Inputs): Promise<Measurement> {
  const run = await one.prepare(inputs);
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const outcome = await run();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { ...outcome, seconds, cpuSeconds: (user + system) / 1e6 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

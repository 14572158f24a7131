import { setTimeout as delay } from 'node:timers/promises';

const msMax = 60_000;

/**
 * Does it again while the broker is away or not itself yet: kafkajs does so for some calls only.
 */
export async function patiently<Value>(step: () => Promise<Value>): Promise<Value> {
  const deadline = performance.now() + msMax;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(300);
    }
  }
}

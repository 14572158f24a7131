import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../telemetry/log.js';

const pauseMsMax = 5_000;
/** Errors that no waiting mends. */
const final = /AUTHORIZATION|SASL|UNSUPPORTED|INVALID_CONFIG|POLICY_VIOLATION/;

/** Whether an error means that Kafka is away, busy or moving, so that the same step may succeed. */
function isKafkaAway(error: unknown): boolean {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return false;
  const type = 'type' in error ? String(error.type) : '';
  return !final.test(type) && !final.test(error.name.toUpperCase());
}

/**
 * Repeats a step while Kafka is away, up to 5 s apart; null once it is no longer wanted.
 * @throws whatever else the step throws
 */
export async function patiently<Value>(
  step: () => Promise<Value>,
  isWanted: () => boolean,
  log: Log,
): Promise<Value | null> {
  for (let pauseMs = 100; isWanted(); pauseMs = Math.min(2 * pauseMs, pauseMsMax)) {
    try {
      return await step();
    } catch (error) {
      if (!isKafkaAway(error)) throw error;
      const tell = pauseMs === 100 ? log.warn : log.debug;
      tell('Kafka does not answer; waiting for it', { reason: (error as Error).message });
    }
    await delay(pauseMs);
  }
  return null;
}

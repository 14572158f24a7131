import type { RedisSink } from '../../sinks/redis/sink.js';
import type { FeatureOutput } from './feature-output.js';

/** Latest vectors into Redis. */
export function onlineOutput(sink: RedisSink): FeatureOutput {
  return {
    latest: (latests, takenMs) => sink.write(latests, takenMs),
    ready: () => sink.ready(),
    flush: () => sink.flush(),
  };
}

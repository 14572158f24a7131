import type { TestContext } from 'node:test';
import { createServer, type Server } from '../../src/server/server.js';
import type { StreamLimits } from '../../src/server/stream.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.js';
import { type SampleEngine, sampleEngine } from './sample-engine.js';

export interface Served {
  readonly engine: SampleEngine;
  readonly metrics: Metrics;
  readonly server: Server;
  /** Lines the server logged. */
  readonly logged: string[];
}

/** The real server on a free port, closed after the test. */
export async function serve(t: TestContext, stream?: StreamLimits): Promise<Served> {
  const engine = sampleEngine();
  const metrics = createMetrics();
  const logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(line) });
  const server = await createServer({
    engine,
    metrics,
    log,
    port: 0,
    ...(stream === undefined ? {} : { stream }),
  });
  t.after(() => server.close());
  return { engine, metrics, server, logged };
}

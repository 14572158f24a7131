import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Route } from './answer.js';
import { assetRoutes } from './assets.js';
import { watchEngine } from './engine-metrics.js';
import type { EngineView } from './engine-view.js';
import { createGuard, isLoopback } from './guard.js';
import { createHttp } from './http.js';
import { apiRoutes } from './routes/api.js';
import { episodeRoutes } from './routes/episodes.js';
import { eventRoutes } from './routes/events.js';
import { featureRoutes } from './routes/features.js';
import { healthRoutes } from './routes/health.js';
import { referenceRoutes } from './routes/references.js';
import { createStream, type Stream, type StreamLimits } from './stream.js';

export interface ServerOptions {
  readonly engine: EngineView;
  readonly metrics: Metrics;
  readonly log: Log;
  /** 127.0.0.1 by default: reachable from this machine only. */
  readonly host?: string;
  /** 8080 by default; 0 takes any free port. */
  readonly port?: number;
  /** Further names that a request's Host may have where `host` is a loopback address. */
  readonly allowedHosts?: readonly string[];
  readonly stream?: StreamLimits;
}

export interface Server {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const ratesCount = 120;

/** Serves the API, the live stream and the page; throws `port-taken` or `config-invalid`. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { engine, metrics, log, host = '127.0.0.1', port = 8080 } = options;
  if (!isLoopback(host)) {
    log.warn('the HTTP server can be reached from other machines and asks for no key', { host });
  }
  const stream = createStream(engine, metrics, options.stream);
  const rates: number[] = [];
  let replaying = false;
  const http = await createHttp({
    host,
    port,
    guard: createGuard(host, options.allowedHosts ?? []),
    routes: [
      ...healthRoutes(engine, metrics),
      ...featureRoutes(engine),
      ...eventRoutes(engine),
      ...apiRoutes(engine, () => rates),
      ...episodeRoutes(engine),
      ...referenceRoutes(engine),
      streamRoute(stream),
      ...assetRoutes(),
    ],
    onAnswered(method, route, status, seconds) {
      metrics.add('weir_http_requests_total', { method, route, status: String(status) });
      if (route !== '/stream') metrics.observe('weir_http_request_seconds', { route }, seconds);
    },
    onFault: (error, method, route) => log.error('a request failed', { method, route, error }),
  });
  const sampler = setInterval(() => {
    const { eventsPerSecond, catchingUp } = engine.status();
    // Replay and real time do not fit on one scale.
    if (replaying && catchingUp === null) rates.length = 0;
    replaying = catchingUp !== null;
    rates.push(eventsPerSecond);
    if (rates.length > ratesCount) rates.shift();
  }, 1000);
  sampler.unref();
  const unwatch = watchEngine(engine, metrics);
  return {
    url: http.url,
    port: http.port,
    async close() {
      clearInterval(sampler);
      unwatch();
      stream.close();
      await http.close();
    },
  };
}

function streamRoute(stream: Stream): Route {
  return {
    method: 'GET',
    path: '/stream',
    // HEAD: what GET would say, without the stream.
    handle: () => ({ status: 200, type: 'text/event-stream; charset=utf-8', body: '' }),
    stream: (ask, response) => stream.open(ask, response),
  };
}

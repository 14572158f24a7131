import type { ServerResponse } from 'node:http';
import type { Metrics } from '../telemetry/metrics.js';
import { type Answer, type Ask, problem, retryAfter, shown } from './answer.js';
import type { EngineEvent, EngineView } from './engine-view.js';
import { securityHeaders } from './guard.js';
import { alertJson, retrainingJson, statusJson } from './status-json.js';
import {
  StreamClient,
  type StreamEventName,
  type StreamFilter,
  streamEvents,
  streamMessage,
} from './stream-client.js';
import { latestJson, scoreJson } from './vector-json.js';

export interface StreamLimits {
  readonly clientsLimit: number;
  /** Bytes that may wait for a client before it is dropped. */
  readonly bufferBytesLimit: number;
  /** Changed keys that may wait for a client; more are skipped and counted. */
  readonly changedKeysLimit: number;
  /** Messages of `features` and of `scores` a client gets per flush. */
  readonly messagesPerFlush: number;
  readonly flushMs: number;
  readonly statusMs: number;
  readonly heartbeatMs: number;
}

export const streamLimits: StreamLimits = {
  clientsLimit: 200,
  bufferBytesLimit: 1 << 20,
  changedKeysLimit: 20_000,
  messagesPerFlush: 200,
  flushMs: 100,
  statusMs: 1000,
  heartbeatMs: 15_000,
};

export interface Stream {
  /** Keeps the response open, or says why not. */
  open(ask: Ask, response: ServerResponse): Answer | undefined;
  /** Ends every client in order. */
  close(): void;
}

/** Reads `?events=features,alerts&view=user&key=123`. */
function streamFilter(query: URLSearchParams, engine: EngineView): StreamFilter | Answer {
  const names = query.get('events')?.split(',') ?? [...streamEvents];
  const events = new Set<StreamEventName>();
  for (const name of names) {
    const known = streamEvents.find((event) => event === name);
    if (known === undefined) {
      const message = `there is no event ${shown(name)}; choose from ${streamEvents.join(', ')}`;
      return problem(400, 'unknown-event', message);
    }
    events.add(known);
  }
  const view = query.get('view');
  const views = engine.views().map(({ name }) => name);
  if (view !== null && !views.includes(view)) {
    const message = `there is no view ${shown(view)}; the views are ${views.join(', ')}`;
    return problem(404, 'unknown-view', message);
  }
  return { events, view, key: query.get('key') };
}

/** Server-sent events for any number of clients from one subscription to the engine. */
export function createStream(
  engine: EngineView,
  metrics: Metrics,
  limits: StreamLimits = streamLimits,
): Stream {
  const clients = new Set<StreamClient>();
  let unsubscribe: (() => void) | null = null;
  let timers: NodeJS.Timeout[] = [];

  const remove = (client: StreamClient) => {
    if (!clients.delete(client)) return;
    metrics.set('weir_stream_clients', {}, clients.size);
    if (clients.size === 0) rest();
  };
  const send = (client: StreamClient, text: string, event: StreamEventName | null) => {
    if (event !== null) metrics.add('weir_stream_messages_total', { event });
    if (client.write(text)) return true;
    metrics.add('weir_stream_dropped_clients_total', {});
    remove(client);
    client.close(true);
    return false;
  };
  const broadcast = (event: StreamEventName, data: () => object) => {
    const wanting = [...clients].filter((client) => client.wants(event));
    if (wanting.length === 0) return;
    const text = streamMessage(event, JSON.stringify(data()));
    for (const client of wanting) send(client, text, event);
  };
  const heartbeat = () => {
    for (const client of clients) send(client, ': still here\n\n', null);
  };
  const flow = createFlow(engine, metrics, limits, clients, send);
  const take = (event: EngineEvent) => {
    if (event.kind === 'features') flow.note(event.view, event.keys);
    else if (event.kind === 'scores') flow.scores(event.scores);
    else if (event.kind === 'alert') broadcast('alerts', () => alertJson(event.alert));
    else broadcast('retraining', () => retrainingJson(event.event));
  };
  const work = () => {
    if (unsubscribe !== null) return;
    unsubscribe = engine.subscribe(take);
    timers = [
      setInterval(flow.flush, limits.flushMs),
      setInterval(() => broadcast('status', () => statusJson(engine)), limits.statusMs),
      setInterval(heartbeat, limits.heartbeatMs),
    ];
    for (const timer of timers) timer.unref();
  };
  const rest = () => {
    unsubscribe?.();
    unsubscribe = null;
    for (const timer of timers) clearInterval(timer);
  };

  return {
    open(ask, response) {
      const filter = streamFilter(ask.query, engine);
      if ('status' in filter) return filter;
      if (clients.size >= limits.clientsLimit) {
        const message = `${clients.size} clients are on the stream, which is the limit; try again later`;
        return problem(503, 'too-many-clients', message, retryAfter(10_000));
      }
      response.writeHead(200, {
        ...securityHeaders,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const client = new StreamClient(response, filter, limits.bufferBytesLimit);
      response.on('close', () => remove(client));
      response.on('error', () => remove(client));
      clients.add(client);
      metrics.set('weir_stream_clients', {}, clients.size);
      work();
      send(client, 'retry: 2000\n\n', null);
      if (client.wants('status')) {
        send(client, streamMessage('status', JSON.stringify(statusJson(engine))), 'status');
      }
      return undefined;
    },
    close() {
      for (const client of [...clients]) {
        remove(client);
        client.close(false);
      }
    },
  };
}

/** The fast part of the stream: vectors and scores, within each client's allowance. */
function createFlow(
  engine: EngineView,
  metrics: Metrics,
  limits: StreamLimits,
  clients: ReadonlySet<StreamClient>,
  send: (client: StreamClient, text: string, event: StreamEventName) => boolean,
) {
  let scoresThisFlush = 0;
  const note = (view: string, keys: Iterable<string | number>) => {
    const wanting = [...clients].filter(
      ({ filter }) =>
        filter.events.has('features') && (filter.view === null || filter.view === view),
    );
    if (wanting.length === 0) return;
    for (const key of keys) {
      const text = String(key);
      for (const client of wanting) {
        if (client.filter.key !== null && client.filter.key !== text) continue;
        if (!client.note(view, text, limits.changedKeysLimit)) {
          metrics.add('weir_stream_skipped_total', { event: 'features' });
        }
      }
    }
  };
  const scores = (batch: Extract<EngineEvent, { kind: 'scores' }>['scores']) => {
    const wanting = [...clients].filter((client) => client.wants('scores'));
    if (wanting.length === 0) return;
    for (const score of batch) {
      const key = String(score.key);
      const takers = wanting.filter(({ filter }) => filter.key === null || filter.key === key);
      if (takers.length === 0) continue;
      if (scoresThisFlush >= limits.messagesPerFlush) {
        metrics.add('weir_stream_skipped_total', { event: 'scores' }, takers.length);
        continue;
      }
      scoresThisFlush++;
      const text = streamMessage('scores', JSON.stringify(scoreJson(score)));
      for (const client of takers) send(client, text, 'scores');
    }
  };
  let flushing = false;
  const flush = async () => {
    scoresThisFlush = 0;
    if (flushing) return; // a vector is still being read: the keys wait
    flushing = true;
    // Clients that wait for the same key share its text.
    const texts = new Map<string, string>();
    for (const client of [...clients]) {
      for (let sent = 0; sent < limits.messagesPerFlush; sent++) {
        const next = client.take();
        if (next === undefined) break;
        const id = `${next.view}/${next.key}`;
        const text = texts.get(id) ?? (await featureMessage(engine, next.view, next.key));
        texts.set(id, text);
        if (!clients.has(client)) break; // it left meanwhile
        if (text !== '' && !send(client, text, 'features')) break;
      }
    }
    flushing = false;
  };
  return { note, scores, flush };
}

/** Empty where there is none to be read now. */
async function featureMessage(engine: EngineView, view: string, key: string): Promise<string> {
  const found = await engine.feature(view, key);
  if (found.kind !== 'found') return '';
  return streamMessage('features', JSON.stringify(latestJson(found.latest)));
}

import { json, type Route } from '../answer.js';
import type { EngineView } from '../engine-view.js';
import { alertJson, driftJson, retrainingJson, statusJson } from '../status-json.js';

/** What the page asks for; `rates` are the events per second of the last two minutes. */
export function apiRoutes(engine: EngineView, rates: () => readonly number[]): Route[] {
  const get = (path: string, value: () => unknown): Route => ({
    method: 'GET',
    path,
    handle: () => json(value()),
  });
  return [
    get('/api/pipeline', () => ({
      pipeline: engine.pipeline,
      topics: engine.topics(),
      views: engine.views(),
      rates: rates(),
    })),
    get('/api/status', () => statusJson(engine)),
    get('/api/drift', () => driftJson(engine.drift())),
    get('/api/alerts', () => engine.alerts().map(alertJson)),
    get('/api/retraining-events', () => engine.retrainingEvents().map(retrainingJson)),
  ];
}

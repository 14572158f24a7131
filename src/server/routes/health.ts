import type { Metrics } from '../../telemetry/metrics.js';
import { json, type Route } from '../answer.js';
import type { EngineView } from '../engine-view.js';

/** `/health` (is the process alive), `/ready` (may it be asked) and `/metrics`. */
export function healthRoutes(engine: EngineView, metrics: Metrics): Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      handle() {
        const { ok, why } = engine.health();
        return ok ? json({ status: 'ok' }) : json({ status: 'failed', why }, 503);
      },
    },
    {
      method: 'GET',
      path: '/ready',
      handle() {
        const { ready, parts } = engine.readiness();
        const waiting = parts.filter((part) => !part.ready).map((p) => `${p.name}: ${p.why}`);
        if (ready) return json({ status: 'ready', parts });
        return json({ status: 'not-ready', why: waiting.join('; '), parts }, 503);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      async handle() {
        return { status: 200, type: metrics.contentType, body: await metrics.text() };
      },
    },
  ];
}

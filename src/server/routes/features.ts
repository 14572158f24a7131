import { type Answer, json, problem, type Route, retryAfter, shown } from '../answer.js';
import type { EngineView, Found } from '../engine-view.js';
import { latestJson } from '../vector-json.js';

const keyBytesLimit = 1024;
const keysLimit = 1000;
const bodyBytesLimit = 1 << 20;

/** `GET /features/{view}/{key}` and `POST /features/{view}` with `{ "keys": [...] }`. */
export function featureRoutes(engine: EngineView): Route[] {
  return [
    {
      method: 'GET',
      path: '/features/:view/:key',
      async handle({ params }) {
        const { view = '', key = '' } = params;
        const refused = unknownView(engine, view) ?? unusableKey(key);
        if (refused !== undefined) return refused;
        const found = await engine.feature(view, key);
        if (found.kind === 'none') return unknownKey(view, key);
        return found.kind === 'found' ? json(foundJson(found)) : unavailable(found.why);
      },
    },
    {
      method: 'POST',
      path: '/features/:view',
      accepts: ['application/json'],
      bodyBytesLimit,
      tooLarge: 'more than 1 MiB of keys; send fewer at a time',
      handle({ params, body }) {
        const { view = '' } = params;
        const keys = keysOf(body);
        if (!Array.isArray(keys)) return unknownView(engine, view) ?? keys;
        const refused = unknownView(engine, view) ?? keys.map(unusableKey).find(Boolean);
        return refused ?? many(engine, view, keys);
      },
    },
  ];
}

async function many(engine: EngineView, view: string, keys: readonly string[]): Promise<Answer> {
  const answers = await Promise.all(keys.map((key) => engine.feature(view, key)));
  const found: object[] = [];
  const missing: string[] = [];
  for (const [i, answer] of answers.entries()) {
    if (answer.kind === 'unavailable') return unavailable(answer.why);
    if (answer.kind === 'none') missing.push(keys[i]!);
    else found.push(foundJson(answer));
  }
  return json({ view, found, missing });
}

/** A vector that time has outrun says so. */
function foundJson({ latest, stale }: Extract<Found, { kind: 'found' }>): object {
  return stale ? { ...latestJson(latest), stale } : latestJson(latest);
}

function unavailable(why: string): Answer {
  return problem(503, 'unavailable', why, retryAfter(1_000));
}

function keysOf(body: Buffer): string[] | Answer {
  const expected = `expected { "keys": [...] } with 1 to ${keysLimit} texts or whole numbers`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return problem(400, 'bad-body', `${expected}, found what is not JSON`);
  }
  const keys =
    typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : undefined;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > keysLimit) {
    return problem(400, 'bad-body', expected);
  }
  if (!keys.every((key) => typeof key === 'string' || Number.isSafeInteger(key))) {
    const hint = 'a number beyond 2^53 has lost digits, send it as a text';
    return problem(400, 'bad-body', `${expected}; ${hint}`);
  }
  return keys.map(String);
}

function unknownView(engine: EngineView, view: string): Answer | undefined {
  const names = engine.views().map(({ name }) => name);
  if (names.includes(view)) return undefined;
  const message = `there is no view ${shown(view)}; the views are ${names.join(', ')}`;
  return problem(404, 'unknown-view', message);
}

function unusableKey(key: string): Answer | undefined {
  if (key === '') return problem(400, 'bad-key', 'the key is empty');
  if (Buffer.byteLength(key) <= keyBytesLimit) return undefined;
  return problem(400, 'bad-key', `the key is longer than ${keyBytesLimit} bytes`);
}

function unknownKey(view: string, key: string): Answer {
  const message = `view ${shown(view)} holds nothing for key ${shown(key)}: no event with this key has been used yet`;
  return problem(404, 'unknown-key', message);
}

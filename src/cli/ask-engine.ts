import { loadConfig } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import { WeirError } from '../errors.js';

export interface EngineOptions {
  readonly engine?: string;
  readonly config?: string;
}

const answerWithinMs = 30_000;

/** Address of the running engine: `--engine`, else as the configuration has the server. */
function engineAddress({ engine, config }: EngineOptions): string {
  if (engine !== undefined) return engine.replace(/\/$/, '');
  const { server } = loadConfig({ file: config, env: processEnvironment, overrides: [] });
  const host = server.host === '0.0.0.0' || server.host === '::' ? '127.0.0.1' : server.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`;
}

/**
 * Asks a running engine; with a body it is said to it.
 * @throws WeirError engine-unreachable; wrong-use with the engine's own words where it refuses
 */
export async function askEngine<Answer>(
  options: EngineOptions,
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const url = `${engineAddress(options)}${path}`;
  const said = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const signal = AbortSignal.timeout(answerWithinMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, body === undefined ? { signal } : { ...said, signal });
    text = await response.text();
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error }; // of fetch: what the system said
    throw unreachable(url, cause?.message || message);
  }
  const answer = jsonOf(text);
  if (response.ok && answer !== null) return answer as Answer; // as its own route makes it
  const why = (answer as { error?: { message?: string } } | null)?.error?.message;
  if (why === undefined || response.status >= 500) {
    throw unreachable(url, why ?? `an answer ${response.status} that is not Weir's`);
  }
  throw new WeirError('wrong-use', why);
}

function unreachable(url: string, found: string): WeirError {
  return new WeirError(
    'engine-unreachable',
    `expected a running engine at ${url}, found: ${found}; start weir run, or name another with --engine`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

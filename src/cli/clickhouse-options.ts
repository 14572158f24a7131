import { readFileSync } from 'node:fs';
import { loadConfig } from '../config/load-config.js';
import { processEnvironment } from '../config/process-environment.js';
import { WeirError } from '../errors.js';
import { type Clickhouse, createClickhouse } from '../sinks/clickhouse/client.js';

/** How a command reaches a ClickHouse of its own choice. */
export interface ClickhouseOptions {
  readonly database: string;
  readonly user?: string;
  readonly passwordFile?: string;
}

/** Statements over all events of a busy key take longer than the engine's own. */
export const requestMsMax = 600_000;

/** @throws WeirError wrong-use where `url`, the value of `option`, is none; input-missing */
export function openClickhouse(
  option: string,
  url: string,
  options: ClickhouseOptions,
): Clickhouse {
  const { database, user, passwordFile } = options;
  return createClickhouse({
    url: urlOption(option, url),
    database,
    requestMsMax,
    ...(user === undefined ? {} : { username: user }),
    ...(passwordFile === undefined ? {} : { password: passwordIn(passwordFile) }),
  });
}

/** The server of the settings, as the engine reaches it. */
export function configuredClickhouse(option: string, file: string | undefined): Clickhouse {
  const { clickhouse } = loadConfig({ file, env: processEnvironment, overrides: [] });
  const { mode, url, database, username, password } = clickhouse;
  if (mode === 'server' && url !== null) {
    return createClickhouse({ url, database, username, password: password ?? '', requestMsMax });
  }
  throw new WeirError(
    'wrong-use',
    `${option}: expected clickhouse.mode server in the settings; found ${mode}; give the URL: an embedded ClickHouse says it in the engine's log, as 'ClickHouse is ready'`,
  );
}

function passwordIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (cause) {
    throw new WeirError('input-missing', `${path}: expected the file of --password-file`, {
      cause,
      place: { path },
    });
  }
}

function urlOption(option: string, text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new WeirError(
    'wrong-use',
    `${option}: expected a URL such as http://127.0.0.1:8123; found '${text}'`,
  );
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clickhouse, createClickhouse } from '../../../src/sinks/clickhouse/client.js';
import { embeddedAvailable } from '../../../src/sinks/clickhouse/embedded/embedded-available.js';
import {
  type EmbeddedClickhouse,
  type EmbeddedOptions,
  startEmbedded,
} from '../../../src/sinks/clickhouse/embedded/start-embedded.js';

const availability = embeddedAvailable();

/** False where chdb is installed, else the reason that node:test shows. */
export const skip: string | false = availability.available ? false : availability.reason;

export interface Running {
  readonly directory: string;
  readonly embedded: EmbeddedClickhouse;
  client(database: string, gzip?: boolean): Clickhouse;
  end(): Promise<void>;
}

/** A real ClickHouse on a directory of its own; `end` closes and removes all of it. */
export async function withEmbedded(options: Partial<EmbeddedOptions> = {}): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-clickhouse-'));
  const embedded = await startEmbedded({ directory, ...options });
  const clients: Clickhouse[] = [];
  return {
    directory,
    embedded,
    client: (database, gzip = false) => {
      const client = createClickhouse({ url: embedded.url, database, gzip });
      clients.push(client);
      return client;
    },
    end: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await embedded.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

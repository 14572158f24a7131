import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What becomes of requests: `lose` lets the server act and ends the connection before it answers.
 */
export type ProxyMode = 'pass' | 'refuse' | 'hang' | 'lose';

/** Stands between Weir and ClickHouse. */
export interface ClickhouseProxy {
  readonly url: string;
  mode: ProxyMode;
  close(): Promise<void>;
}

export async function startClickhouseProxy(upstream: string): Promise<ClickhouseProxy> {
  const server = createServer((from, to) => {
    if (proxy.mode === 'hang') return from.resume();
    if (proxy.mode === 'refuse') {
      from.resume();
      // What a server answers that has no room for an insert.
      to.writeHead(500, { 'x-clickhouse-exception-code': '241' });
      return to.end('Code: 241. DB::Exception: Memory limit (total) exceeded: test');
    }
    return forward(upstream, from, to, () => proxy.mode === 'lose');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const proxy: ClickhouseProxy = {
    url: `http://127.0.0.1:${port}`,
    mode: 'pass',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

function forward(
  upstream: string,
  from: IncomingMessage,
  to: ServerResponse,
  loses: () => boolean,
): void {
  const url = new URL(from.url ?? '/', upstream);
  const headers = { ...from.headers, host: url.host };
  const onward = request(url, { method: from.method, headers }, (answer) => {
    if (loses()) {
      answer.resume();
      to.destroy();
      return;
    }
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  onward.on('error', () => to.destroy());
  to.on('close', () => onward.destroy());
  from.pipe(onward);
}

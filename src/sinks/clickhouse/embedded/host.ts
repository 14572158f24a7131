// The process that holds ClickHouse: started by startEmbeddedClickhouse, ends with its parent.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answerRequest } from './answer-request.js';
import { loadChdb, type OpenSession } from './chdb.js';
import { engineArgs } from './engine-args.js';
import { exceptionOf } from './exception.js';
import type { HostMessage, HostSettings } from './host-settings.js';
import { createLanes } from './lanes.js';

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message);
}

function failed(why: 'port-taken' | 'other', message: string): never {
  tell({ kind: 'failed', why, message });
  process.exit(1);
}

function openEngine(settings: HostSettings): { open: OpenSession; version: string } {
  try {
    mkdirSync(settings.directory, { recursive: true });
    for (const file of readdirSync(settings.directory)) {
      if (file.endsWith('.insert')) rmSync(join(settings.directory, file)); // left by a crash
    }
    const open = loadChdb(join(settings.directory, 'data'), engineArgs(settings));
    // Kept open for the life of the process: the engine shuts down with its last session.
    const version = open().query('SELECT version()', 'TabSeparated').trim();
    return { open, version };
  } catch (error) {
    return failed('other', exceptionOf(error).text);
  }
}

function stopOn(server: Server): void {
  const stop = (): void => {
    // Nobody waits for chdb's own teardown: every acknowledged row is on disk.
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // A connection that was busy now is idle once its answer is out.
    server.on('request', (_request, response) => response.setHeader('Connection', 'close'));
    setInterval(() => server.closeIdleConnections(), 20);
  };
  process.once('SIGTERM', stop);
  process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the parent flushes first
  // The parent is dead: nobody reads the answers, and what was not acknowledged is sent again.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

function serve(settings: HostSettings): void {
  const { open, version } = openEngine(settings);
  const lanes = createLanes(settings.concurrency, settings.waitingMax);
  const host = { settings, open, lanes, version };
  const server = createServer((request, response) => void answerRequest(host, request, response));
  server.keepAliveTimeout = 10_000;
  server.on('error', (error: NodeJS.ErrnoException) =>
    failed(error.code === 'EADDRINUSE' ? 'port-taken' : 'other', error.message),
  );
  stopOn(server);
  server.listen(settings.port, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo; // listening on TCP
    tell({ kind: 'ready', port, version });
  });
  if (!process.connected) process.exit(0);
}

process.once('message', (settings) => serve(settings as HostSettings)); // sent by the parent only

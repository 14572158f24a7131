import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  runningServers,
  type ServerName,
  serversScript,
  serverVariables,
  type Variables,
} from './servers.js';

/** Servers of one test, which may kill them. They end with this process at the latest. */
export interface PrivateServers {
  /** As `serverFor` gives it. */
  address(name: ServerName): string;
  /** kill -9, of all nodes of a cluster. */
  kill(name: ServerName): Promise<void>;
  /** After a kill; Kafka and ClickHouse go on with what was on disk, the others begin empty. */
  restart(name: ServerName): Promise<void>;
  /** Stops it where it is: connections stay open, nothing is answered. */
  pause(name: ServerName): Promise<void>;
  resume(name: ServerName): Promise<void>;
  /** Ends them and deletes their data. */
  close(): Promise<void>;
}

const run = promisify(execFile);
const triesMax = 5;

/** Starts servers on free ports, on a directory of their own. */
export function startServers(...names: readonly ServerName[]): Promise<PrivateServers> {
  return startServersWith({}, ...names);
}

/** As `startServers`, with variables for the script. */
export async function startServersWith(
  variables: Variables,
  ...names: readonly ServerName[]
): Promise<PrivateServers> {
  for (let tries = 1; ; tries += 1) {
    // Below the ports that the system hands out by itself.
    const servers = privateServers(1_000 + 20 * Math.floor(Math.random() * 600), variables);
    try {
      await servers.script('up', ...names);
      return servers.started();
    } catch (error) {
      await servers.close();
      const taken = String(error).includes('is taken by another program');
      if (!taken || tries === triesMax) throw error;
    }
  }
}

function privateServers(shift: number, variables: Variables) {
  const directory = mkdtempSync(join(tmpdir(), 'weir-servers-'));
  const env = {
    ...process.env,
    ...variables,
    WEIR_SERVERS_RUN: directory,
    WEIR_SERVERS_SHIFT: String(shift),
  };
  const script = async (...args: readonly string[]): Promise<void> => {
    await run('bash', [serversScript, ...args], { env });
  };
  const close = guard(directory, env);
  return {
    script,
    close,
    started(): PrivateServers {
      const addresses = runningServers(env);
      return {
        address: (name) => {
          const address = addresses[serverVariables[name]];
          if (address === undefined) throw new Error(`${name} was not started`);
          return address;
        },
        kill: (name) => script('kill', name),
        restart: (name) => script('up', name),
        pause: (name) => script('pause', name),
        resume: (name) => script('resume', name),
        close,
      };
    },
  };
}

/**
 * Ends the servers when this process closes the pipe or is killed, whichever comes first; returns
 * the former.
 */
function guard(directory: string, env: NodeJS.ProcessEnv): () => Promise<void> {
  const child = spawn(
    'bash',
    ['-c', 'cat; bash "$0" down; rm -rf "$1"', serversScript, directory],
    { env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  const pipe = child.stdin as unknown as { unref(): void }; // a socket, which the types hide
  pipe.unref();
  return () => {
    child.ref();
    child.stdin.end();
    return ended;
  };
}

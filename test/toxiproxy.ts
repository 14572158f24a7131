/** A proxy that stands between a client and a server. */
export interface Proxy {
  /** `host:port` that clients dial. */
  readonly address: string;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Delays what the server answers by so long. */
  slow(ms: number): Promise<void>;
  /** Keeps connections open and lets nothing through: neither side is told. */
  hang(): Promise<void>;
  /** Lets everything through again. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

export interface ProxyOptions {
  /** `host:port` of the server. */
  readonly upstream: string;
  /** `host:port` to listen on; any free port by default. */
  readonly listen?: string;
}

/**
 * Where a proxy of Kafka stands: the broker's second listener tells its clients to dial `listen`,
 * and so one proxy at a time takes the whole conversation.
 * @param kafka `host:port` of a broker that scripts/servers.sh started.
 */
export function kafkaProxyOptions(kafka: string): Required<ProxyOptions> {
  const port = Number(kafka.slice(kafka.lastIndexOf(':') + 1));
  return { upstream: `127.0.0.1:${port + 2}`, listen: `127.0.0.1:${port + 3}` };
}

/** Makes a proxy at the Toxiproxy whose API is at `api` (`serverFor('toxiproxy')`). */
export async function createProxy(api: string, options: ProxyOptions): Promise<Proxy> {
  const name = `weir-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  const listen = options.listen ?? '127.0.0.1:0';
  const made = await ask(api, 'POST', '/proxies', { name, listen, upstream: options.upstream });
  const { listen: address } = (await made.json()) as { listen: string }; // Toxiproxy's own form
  const at = `/proxies/${name}`;
  const enable = (enabled: boolean) => ask(api, 'POST', at, { enabled });
  const restore = async (): Promise<void> => {
    const toxics = await ask(api, 'GET', `${at}/toxics`);
    const listed = (await toxics.json()) as { name: string }[]; // so too
    for (const toxic of listed) await ask(api, 'DELETE', `${at}/toxics/${toxic.name}`);
    await enable(true);
  };
  const add = async (toxic: object): Promise<void> => {
    await restore();
    await ask(api, 'POST', `${at}/toxics`, toxic);
  };
  return {
    address,
    cut: async () => void (await enable(false)),
    slow: (ms) => add({ type: 'latency', attributes: { latency: ms } }),
    hang: () => add({ type: 'timeout', attributes: { timeout: 0 } }),
    restore,
    remove: async () => void (await ask(api, 'DELETE', at)),
  };
}

async function ask(api: string, method: string, path: string, body?: object): Promise<Response> {
  const answer = await fetch(`${api}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) {
    throw new Error(`Toxiproxy: ${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return answer;
}

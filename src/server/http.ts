import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { WeirError } from '../errors.js';
import { type Answer, type Ask, problem, type Route } from './answer.js';
import { securityHeaders } from './guard.js';

export interface HttpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly routes: readonly Route[];
  /** An answer here refuses the request before it is routed. */
  readonly guard: (
    hostHeader: string | undefined,
    origin: string | undefined,
  ) => Answer | undefined;
  readonly onAnswered: (method: string, route: string, status: number, seconds: number) => void;
  /** A fault of Weir's own; the client is told only that it happened. */
  readonly onFault: (error: unknown, method: string, route: string) => void;
}

export interface Http {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends what is open. */
  close(): Promise<void>;
}

const noBodyBytesLimit = 1024;
const pathBytesLimit = 8192;
const requestTimeoutMs = 30_000;
const unmatched = '(none)';

/** Serves the routes; every answer, refusals of the HTTP layer included, is of the same shape. */
export async function createHttp(options: HttpOptions): Promise<Http> {
  const app = Fastify({
    bodyLimit: noBodyBytesLimit,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: pathBytesLimit },
    frameworkErrors: (error, _request, reply) => {
      send(reply, problem(400, 'bad-request', `the request cannot be read: ${error.message}`));
    },
    clientErrorHandler,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request, reply) => {
    const refused = options.guard(request.headers.host, request.headers.origin);
    return refused === undefined ? undefined : send(reply, refused);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? unmatched;
    options.onAnswered(request.method, route, reply.statusCode, reply.elapsedTime / 1e3);
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `there is nothing at ${request.url.slice(0, 200)}; the page at / lists what is`;
    send(reply, problem(404, 'not-found', message));
  });
  app.setErrorHandler<Error & { code?: string; statusCode?: number }>((error, request, reply) => {
    send(reply, refusal(error, request, options));
  });
  for (const route of options.routes) addRoute(app, route);
  refuseOtherMethods(app, options.routes);
  await listen(app, options);
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, port, close: () => app.close() };
}

function addRoute(app: FastifyInstance, route: Route): void {
  const methods = route.method === 'GET' ? ['GET', 'HEAD'] : ['POST'];
  app.route({
    method: methods,
    url: route.path,
    ...(route.bodyBytesLimit === undefined ? {} : { bodyLimit: route.bodyBytesLimit }),
    config: { tooLarge: route.tooLarge },
    onRequest: async (request, reply) => {
      const refused = wrongType(route, request.headers['content-type']);
      return refused === undefined ? undefined : send(reply, refused);
    },
    handler: async (request, reply) => {
      const ask = askOf(request);
      if (route.stream !== undefined && request.method === 'GET') {
        const refused = route.stream(ask, reply.raw);
        if (refused !== undefined) return send(reply, refused);
        reply.hijack();
        return reply;
      }
      return send(reply, await route.handle(ask));
    },
  });
}

function wrongType(route: Route, header: string | undefined): Answer | undefined {
  if (route.accepts === undefined) return undefined;
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (route.accepts.includes(type)) return undefined;
  return problem(
    415,
    'wrong-content-type',
    `expected content-type ${route.accepts.join(' or ')}, found ${type || 'none'}; with curl add -H 'content-type: ${route.accepts[0]}'`,
  );
}

function askOf(request: FastifyRequest): Ask {
  const at = request.url.indexOf('?');
  return {
    // Every parameter of our patterns is a text.
    params: request.params as Record<string, string>,
    query: new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1)),
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.status)
    .headers({ 'cache-control': 'no-store', ...securityHeaders, ...answer.headers })
    .type(answer.type)
    .send(answer.body);
}

/** A path that exists under another method is told so, before its body is read. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  const allowed = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const own = method === 'GET' ? ['GET', 'HEAD'] : [method];
    allowed.set(path, [...(allowed.get(path) ?? []), ...own]);
  }
  for (const [url, methods] of allowed) {
    const allow = methods.join(', ');
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
    app.route({
      method: others.filter((method) => !methods.includes(method)),
      url,
      onRequest: async (request, reply) => {
        const message = `${request.method} is not for this path; it takes ${allow}`;
        return send(reply, problem(405, 'wrong-method', message, { allow }));
      },
      handler: () => undefined,
    });
  }
}

function refusal(
  error: Error & { code?: string; statusCode?: number },
  request: FastifyRequest,
  options: HttpOptions,
): Answer {
  const status = error.statusCode ?? 500;
  if (status === 413) {
    const { tooLarge } = request.routeOptions.config as { tooLarge?: string };
    return problem(413, 'too-large', tooLarge ?? 'this path takes no such body; leave it out');
  }
  if (status >= 400 && status < 500) {
    return problem(status, 'bad-request', `the request cannot be read: ${error.message}`);
  }
  options.onFault(error, request.method, request.routeOptions.url ?? unmatched);
  return problem(500, 'internal', 'something went wrong inside Weir; its log has the details');
}

/** What is too broken to be a request gets an answer of the same shape. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const known = {
    HPE_HEADER_OVERFLOW: [431, 'headers-too-large', 'path and headers exceed 16 KiB together'],
    ERR_HTTP_REQUEST_TIMEOUT: [408, 'too-slow', 'the request did not come whole within 30 s'],
  } as const;
  const [status, code, message] = known[error.code as keyof typeof known] ?? [
    400,
    'bad-request',
    'this is not an HTTP/1.1 request',
  ];
  const { body, type } = problem(status, code, message);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${type}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function listen(app: FastifyInstance, { host, port }: HttpOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new WeirError(
        'port-taken',
        `port ${port} on ${host} is in use by another process; stop that process, or choose another port with --port, server.port in the configuration or WEIR_SERVER_PORT`,
        { cause },
      );
    }
    throw new WeirError(
      'config-invalid',
      `cannot listen on ${host}:${port} (${code ?? String(cause)}); choose an address of this machine with server.host and a port above 1023 with --port, server.port or WEIR_SERVER_PORT`,
      { cause },
    );
  }
}

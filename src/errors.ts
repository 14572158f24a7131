/**
 * Who can mend it: `user` (input, setting), `external` (a server, the disk), `internal` (a bug).
 */
export type ErrorDomain = 'user' | 'external' | 'internal';

interface ErrorKind {
  readonly domain: ErrorDomain;
  readonly retry: boolean;
  /** Exit code of a command that ends with this error: 1 failed, 2 wrong use. */
  readonly exit: 1 | 2;
}

const user2: ErrorKind = { domain: 'user', retry: false, exit: 2 };
const user1: ErrorKind = { domain: 'user', retry: false, exit: 1 };
const external: ErrorKind = { domain: 'external', retry: true, exit: 1 };
const internal: ErrorKind = { domain: 'internal', retry: false, exit: 1 };

/** Every code Weir can end with; each is explained in docs/errors.md. */
export const errorKinds = {
  'wrong-use': user2,
  'config-invalid': user2,
  'pipeline-not-found': user2,
  'definition-invalid': user2,
  'definition-changed': user1,
  'input-missing': user1,
  'input-unreadable': user1,
  'output-changed': user1,
  'data-dir-locked': user1,
  'data-dir-foreign': user1,
  'port-taken': user1,
  'snapshot-corrupt': user1,
  'segment-corrupt': user1,
  'disk-full': external,
  'disk-failed': external,
  'clickhouse-missing': user1,
  'clickhouse-failed': external,
  'clickhouse-too-old': user1,
  'kafka-failed': external,
  'kafka-topic-unfit': user1,
  'registry-failed': external,
  'schema-incompatible': user1,
  'redis-failed': external,
  'engine-unreachable': external,
  'model-invalid': user1,
  'no-reference': user1,
  'reference-invalid': user1,
  internal: internal,
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** Where it happened, as far as it is known. */
export interface ErrorPlace {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly stage?: string;
  readonly path?: string;
}

/** The one error class: `message` says what was expected, what was found and what to do. */
export class WeirError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; place?: ErrorPlace } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WeirError';
    this.code = code;
    this.place = options.place ?? {};
  }

  get domain(): ErrorDomain {
    return errorKinds[this.code].domain;
  }

  get retry(): boolean {
    return errorKinds[this.code].retry;
  }

  get exitCode(): 1 | 2 {
    return errorKinds[this.code].exit;
  }
}

/** Stops on a programmer's error; bad data never comes this way. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition)
    throw new WeirError('internal', `${message}; this is a bug in Weir, please report it`);
}

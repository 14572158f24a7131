import { z } from 'zod';
import { hostAndPort, tls } from './connection-fields.js';
import {
  durationsByName,
  flag,
  integer,
  optionalText,
  requiredList,
  secret,
  text,
} from './fields.js';
import { checkRedis } from './rules.js';

/** Without it latest vectors are read over HTTP only. */
export const redis = z
  .strictObject({
    nodes: requiredList(
      hostAndPort,
      '127.0.0.1:6379',
      'The server as host:port, or some nodes of the cluster to begin with',
    ),
    cluster: flag(false, 'Whether the nodes are those of a Redis Cluster'),
    username: optionalText('weir', 'User, where it is not the default one'),
    password: secret('Password of the user'),
    password_file: optionalText('password.txt', 'File that holds the password, instead of it'),
    tls: tls('Whether connections are encrypted'),
    database: integer(0, [0, 1_023], 'Number of the database; a cluster has only 0'),
    prefix: text('weir:', 'What every key begins with', {
      expected: 'at most 100 characters without spaces and braces',
      pattern: /^[^\s{}]{1,100}$/,
    }),
    ttl: durationsByName(
      { expected: "a view's name", pattern: /^[A-Za-z][A-Za-z0-9_-]*$/ },
      ['1s', '3650d'],
      {
        description:
          'How long a vector stays after its last change, by view; else its longest window and a day',
        examples: [{ user: '30d' }],
      },
    ),
  })
  .check(checkRedis)
  .transform(({ nodes, cluster, username, password, tls, database, prefix, ttl }) => ({
    nodes,
    cluster,
    username: username ?? null,
    password: password ?? null,
    tls,
    database,
    prefix,
    ttlMs: ttl,
  }))
  .optional()
  .transform((section) => section ?? null);

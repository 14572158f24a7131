import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.js';
import { directoryWith, load, refusal, refusalOf } from './load.js';

test('a password is read from its file, without the end of the last line', (t) => {
  const contents = ['hunter2', 'hunter2\n', 'hunter2\r\n'];
  for (const content of contents) {
    const file = join(directoryWith(t, { secret: content }), 'secret');
    const byFile = load(t, { yaml: `clickhouse: { password_file: "${file}" }` });
    const byVariable = load(t, { env: { WEIR_CLICKHOUSE_PASSWORD_FILE: file } });
    assert.deepEqual(
      [byFile.clickhouse.password, byVariable.clickhouse.password],
      ['hunter2', 'hunter2'],
    );
  }
  const spaced = join(directoryWith(t, { secret: ' two  words \n\n' }), 'secret');
  const { clickhouse } = load(t, { env: { WEIR_CLICKHOUSE_PASSWORD_FILE: spaced } });
  assert.equal(clickhouse.password, ' two  words \n');
});

test('the password of an upper layer counts, whichever way it is given', (t) => {
  const file = join(directoryWith(t, { secret: 'of the file' }), 'secret');
  const over = (yaml: string, env: Record<string, string>): string | null =>
    load(t, { yaml, env }).clickhouse.password;
  assert.deepEqual(
    [
      over('clickhouse: { password_file: absent }', { WEIR_CLICKHOUSE_PASSWORD: 'upper' }),
      over('clickhouse: { password: lower }', { WEIR_CLICKHOUSE_PASSWORD_FILE: file }),
    ],
    ['upper', 'of the file'],
  );
});

test('a password and the file of it side by side are refused', (t) => {
  const yaml = 'clickhouse:\n  password: hunter2\n  password_file: hunter2.txt\n';
  assert.equal(
    refusal(t, { yaml }),
    'weir.config.yaml:2:13 and weir.config.yaml:3:18: clickhouse.password: expected a password or a password_file, found both; remove one',
  );
  const env = { WEIR_CLICKHOUSE_PASSWORD: 'hunter2', WEIR_CLICKHOUSE_PASSWORD_FILE: 'hunter2' };
  assert.equal(
    refusal(t, { env }),
    'WEIR_CLICKHOUSE_PASSWORD and WEIR_CLICKHOUSE_PASSWORD_FILE: clickhouse.password: expected a password or a password_file, found both; remove one',
  );
});

test('a secret file that is absent, empty, too large or no file is refused', (t) => {
  const directory = directoryWith(t, { empty: '\n', large: 'x'.repeat(65_537) });
  const refused = (name: string): string =>
    refusal(t, { env: { WEIR_CLICKHOUSE_PASSWORD_FILE: join(directory, name) } });
  const start = 'WEIR_CLICKHOUSE_PASSWORD_FILE: clickhouse.password_file: expected';
  assert.equal(refused('absent'), `${start} a file, found none; check the path`);
  assert.equal(refused('empty'), `${start} a secret in the file, found nothing; write it there`);
  assert.equal(refused('large'), `${start} a secret, found 65537 bytes; check the path`);
  assert.equal(
    refused(''),
    `${start} a file that can be read (EISDIR); check path and permissions`,
  );
});

test('a password in the file is a text that is there', (t) => {
  const refused = (value: string): string =>
    refusal(t, { yaml: `clickhouse:\n  password: ${value}\n` });
  const start =
    'weir.config.yaml:2:13: clickhouse.password: expected a text (quote what looks like a number), found';
  const end = 'put it in quotes, or use password_file';
  assert.equal(refused('8128'), `${start} a number; ${end}`);
  assert.equal(refused('true'), `${start} a boolean; ${end}`);
  assert.equal(refused("' '"), `${start} an empty text; ${end}`);
  assert.equal(refused('#hunter2'), `${start} nothing; ${end}`);
  assert.equal(refused('[hunter2]'), `${start} a list; ${end}`);
});

test('no message tells a secret, however it is miswritten', (t) => {
  const secret = 'hunter2';
  const login = `weir:${secret}@`;
  const files = [
    `clickhouse: { password:${secret} }`,
    `clickhouse:\n  password:${secret}\n`,
    `clickhouse:\n  password ${secret}\n`,
    `clickhouse:\n  mode: off\n  password ${secret}\n`,
    `clickhouse:\n  mode: off\n    password: ${secret}\n`,
    `clickhouse:\n  mode: off\n    password ${secret}\n`,
    `clickhouse: ${secret}`,
    `clickhouse: [password, ${secret}]`,
    ...['@', '*', '&', '!', '%', '`', '"', "'", '|', '>', '#', '[', '{', '}', ']', ', ', '? '].map(
      (sign) => `clickhouse:\n  password: ${sign}${secret}\n  batch_rows: 0\n`,
    ),
    `clickhouse:\n  password: "\\${secret}"\n`,
    `clickhouse:\n  password: a: ${secret}\n`,
    `clickhouse:\n  password: "${secret}" ${secret}\n`,
    `clickhouse:\n\tpassword: ${secret}\n`,
    `clickhouse:\n  passwrod: ${secret}\n`,
    `clickhouse:\n  password: ${secret}\n  password: ${secret}\n`,
    `clickhouse:\n  password: [${secret}]\n`,
    `clickhouse:\n  password: { ${secret}: 1 }\n`,
    `clickhouse:\n  password_file: ${secret}\n`,
    `clickhouse:\n  mode: server\n  url: http://${login}127.0.0.1\n`,
    `clickhouse:\n  mode: server\n  url: http://127.0.0.1/?password=${secret}\n`,
    `clickhouse:\n  mode: server\n  url: weir:${secret}@127.0.0.1\n`,
    `clickhouse:\n  mode: server\n  url: http://${login}127.0.0.1:x\n`,
    `clickhouse:\n  url: http://${login}127.0.0.1\n`,
    `clickhouse:\n  password: ${secret}\n  mode: server\n`,
    `password: ${secret}`,
    `server: { password: ${secret} }`,
    `password:${secret}`,
  ];
  for (const yaml of files) {
    const message = refusal(t, { yaml });
    assert(!message.includes(secret), `${yaml}\n${message}`);
    assert.match(message, /weir\.config\.yaml:\d+:\d+: /, yaml);
  }
  const variables = [
    { WEIR_CLICKHOUSE_PASSWORD: secret, WEIR_SERVER_PORT: 'x' },
    { WEIR_CLICKHOUSE_PASSWRD: secret },
    { WEIR_CLICKHOUSE_PASSWORD_FILE: secret },
    { [`WEIR_CLICKHOUSE_PASSWORD:${secret}`]: '1' },
    { WEIR_CLICKHOUSE_MODE: 'server', WEIR_CLICKHOUSE_URL: `http://${login}127.0.0.1` },
  ];
  for (const env of variables) {
    const message = refusal(t, { env });
    assert(!message.includes(secret), message);
  }
});

test('an error carries nothing but its message', (t) => {
  const directory = directoryWith(t, {
    'weir.config.yaml': 'clickhouse:\n  password: hunter2\n  mode: x\n',
  });
  assert.throws(
    () => loadConfig({ env: {}, directory }),
    (error: Error) => !JSON.stringify([error, error.stack, error.cause]).includes('hunter2'),
  );
  assert.match(
    refusalOf(() => loadConfig({ env: {}, directory })),
    /^weir\.config\.yaml:3:9: clickhouse\.mode: /,
  );
});

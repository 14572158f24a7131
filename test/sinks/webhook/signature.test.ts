import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signature } from '../../../src/sinks/webhook/signature.js';

test('the signature is the HMAC-SHA256 of timestamp, id and body, as openssl has it', () => {
  // printf '1704067200.a/1/1/opened.{"x":1}' | openssl dgst -sha256 -hmac 'k3y'
  const expected = '2fb8da53d72be504d39846e763fb921d65f2bc37ae9b4668a9af95adb441644e';
  assert.equal(signature('k3y', '1704067200', 'a/1/1/opened', '{"x":1}'), `v1=${expected}`);
});

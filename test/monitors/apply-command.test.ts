import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCommand } from '../../src/monitors/apply-command.js';
import { type Command, parseCommand } from '../../src/monitors/command.js';
import { initialPolicy, type PolicyState } from '../../src/monitors/policy-state.js';

const id = 'drift/1/1';
const due: PolicyState = {
  ...initialPolicy('ranker', '1'),
  retrainings: [
    {
      id,
      kind: 'drift',
      modelVersion: '1',
      dueMs: 0,
      status: 'due',
      who: '',
      note: '',
      progress: null,
      version: null,
      changedMs: 0,
    },
  ],
};

function said(fields: object): Command {
  const all = {
    kind: 'retraining',
    monitor: 'drift',
    event: id,
    who: 'trainer',
    atMs: 1,
    ...fields,
  };
  const parsed = parseCommand(all);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.command;
}

test('a retraining goes on, repeats and skips, and never goes back', () => {
  const steps = [
    [{ status: 'in-progress', progress: 0.3 }, 'in-progress', 0.3],
    [{ status: 'acknowledged' }, 'in-progress', 0.3],
    [{ status: 'in-progress', progress: 0.6 }, 'in-progress', 0.6],
    [{ status: 'done', version: '2' }, 'done', 1],
    [{ status: 'in-progress', progress: 0.1 }, 'done', 1],
    [{ status: 'done', version: '3' }, 'done', 1],
  ] as const;
  let state = due;
  for (const [i, [fields, status, progress]] of steps.entries()) {
    state = applyCommand(state, said(fields), i);
    const [one] = state.retrainings;
    assert.deepEqual([one?.status, one?.progress], [status, progress]);
  }
  assert.equal(state.retrainings[0]?.version, '3');
});

test('a version is a plain name', () => {
  const done = (version: string) =>
    parseCommand({ ...said({ status: 'done', version: '2' }), version }).ok;
  const plain = ['2', 'v1.2.3+build', '2026-03-01T00:00', 'été', '..a', 'x'.repeat(100)];
  assert.deepEqual(
    plain.filter((version) => !done(version)),
    [],
  );
  const others = ['', '.', '..', '...', 'a/b', '../x', 'a\\b', 'a\u0000b', 'a\nb', 'x'.repeat(101)];
  assert.deepEqual(others.filter(done), []);
});

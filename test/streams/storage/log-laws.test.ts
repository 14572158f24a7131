import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Log, openLog } from '../../../src/streams/storage/log.js';

const segmentBytes = 200;
const frameBytes = (payload: number) => 20 + payload;

interface Frame {
  readonly batch: number;
  readonly size: number;
}

/** The log as lists in memory: segments of frames. */
interface Model {
  segments: Frame[][];
}

type Step =
  | { readonly kind: 'append'; readonly gap: number; readonly size: number }
  | { readonly kind: 'truncate' | 'drop' | 'read'; readonly back: number }
  | { readonly kind: 'tear'; readonly bytes: number }
  | { readonly kind: 'reopen' | 'sync' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      gap: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 0, max: 260 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('truncate' as const, 'drop' as const, 'read' as const),
      back: fc.integer({ min: -1, max: 12 }),
    }),
  },
  fc.record({ kind: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ kind: fc.constantFrom('reopen' as const, 'sync' as const) }),
);

const lengthOf = (segment: readonly Frame[]) =>
  segment.reduce((sum, { size }) => sum + frameBytes(size), 0);
const lastOf = (model: Model) => model.segments.at(-1)?.at(-1)?.batch ?? -1;
const payloadOf = ({ batch, size }: Frame) => new Uint8Array(size).fill(batch * 31 + 7);

function applyToModel(model: Model, action: Step): void {
  const limit = 'back' in action ? lastOf(model) - action.back : 0;
  if (action.kind === 'append') {
    const last = model.segments.at(-1);
    const frame = { batch: lastOf(model) + action.gap, size: action.size };
    if (last && lengthOf(last) + frameBytes(frame.size) <= segmentBytes) last.push(frame);
    else model.segments.push([frame]);
  } else if (action.kind === 'truncate') {
    model.segments = model.segments
      .map((segment) => segment.filter(({ batch }) => batch <= limit))
      .filter((segment) => segment.length > 0);
  } else if (action.kind === 'drop') {
    while ((model.segments[1]?.[0]?.batch ?? Number.POSITIVE_INFINITY) <= limit) {
      model.segments.shift();
    }
  } else if (action.kind === 'tear') {
    const last = model.segments.at(-1);
    let bytes = action.bytes;
    while (last && last.length > 0 && bytes > 0) bytes -= frameBytes(last.pop()!.size);
    if (last?.length === 0) model.segments.pop();
  }
}

function applyToLog(log: Log, directory: string, action: Step): Log {
  if (action.kind === 'append') {
    const frame = { batch: log.lastBatch + action.gap, size: action.size };
    log.append(frame.batch, payloadOf(frame));
  } else if (action.kind === 'truncate') log.truncateAfter(log.lastBatch - action.back);
  else if (action.kind === 'drop') log.dropBefore(log.lastBatch - action.back);
  else if (action.kind === 'sync') log.sync();
  else if (action.kind === 'reopen') {
    log.close();
    return openLog(directory, { segmentBytes });
  }
  return log;
}

/** Cuts bytes off the last segment's file while the log is closed, as a crash would. */
function tear(log: Log, directory: string, model: Model, bytes: number): Log {
  log.close();
  const first = model.segments.at(-1)?.[0]?.batch;
  if (first !== undefined) {
    const path = join(directory, `${String(first).padStart(16, '0')}.log`);
    truncateSync(path, Math.max(0, statSync(path).size - bytes));
  }
  return openLog(directory, { segmentBytes });
}

function check(log: Log, model: Model, after: number): void {
  const expected = model.segments.flat();
  assert.equal(log.lastBatch, lastOf(model));
  assert.equal(log.bytes, lengthOf(expected));
  assert.deepEqual(
    [...log.read(after)].map(({ batch, payload }) => [batch, Array.from(payload)]),
    expected
      .filter(({ batch }) => batch > after)
      .map((frame) => [frame.batch, Array.from(payloadOf(frame))]),
  );
}

test('any sequence of appends, truncations, drops, crashes and reopenings equals lists in memory', () => {
  const root = mkdtempSync(join(tmpdir(), 'weir-log-'));
  try {
    const law = fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const directory = mkdtempSync(join(root, 'log-'));
      const model: Model = { segments: [] };
      let log = openLog(directory, { segmentBytes });
      try {
        for (const action of steps) {
          if (action.kind === 'tear') log = tear(log, directory, model, action.bytes);
          else log = applyToLog(log, directory, action);
          applyToModel(model, action);
          check(log, model, action.kind === 'read' ? lastOf(model) - action.back : -1);
        }
        log.close();
        log = openLog(directory, { segmentBytes });
        check(log, model, -1);
      } finally {
        log.close();
        rmSync(directory, { recursive: true });
      }
    });
    fc.assert(law, { numRuns: 50 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

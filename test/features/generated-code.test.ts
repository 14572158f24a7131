import assert from 'node:assert/strict';
import { test } from 'node:test';
import { equal } from '../../src/features/expression.js';
import { key, number, optional, text } from '../../src/features/fields.js';
import type { TopicDefinition } from '../../src/features/source.js';
import { TableState } from '../../src/features/table-state.js';
import type { AggregateFeature, ViewDefinition } from '../../src/features/view.js';
import { ViewState, wanted } from '../../src/features/view-state.js';

// Declared names are refused unless they are plain. This is the second wall: a definition that
// came another way, as data, must not get its names or texts run as code.

const hostile = [
  `a"];process.exit()//`,
  `a'];throw 1;//`,
  'a`$' + '{1}`',
  `a\\"];throw 1;//`,
  `a\n];throw 1;//`,
  'constructor',
  'x0',
  'KI',
  '*/throw 1;/*',
];

const feature = (name: string, more: Partial<AggregateFeature>): AggregateFeature => ({
  kind: 'aggregate',
  name,
  fn: 'count',
  of: null,
  where: null,
  window: { lengthMs: 60_000, paneMs: 1_000 },
  type: 'integer',
  size: 0,
  from: 0,
  ...more,
});

for (const name of hostile) {
  test(`a field, a joined field, a feature and a text called ${JSON.stringify(name)} stay data`, () => {
    const topic = (kind: 'source' | 'table', of: string, fields: object): TopicDefinition => {
      const rest = { time: 'at', rules: [], objects: [] };
      return { kind, topic: of, key: 'id', fields: fields as TopicDefinition['fields'], ...rest };
    };
    const other = `${name}2`;
    const events = topic('source', name, { id: key(), [name]: optional(text()) });
    const rows = topic('table', name, { id: key(), [other]: optional(number()) });
    const column = { op: 'column', name } as const;
    const definition: ViewDefinition = {
      name,
      key: 'id',
      source: events,
      joins: [{ table: rows, by: 'id', maxAgeMs: null }],
      features: [
        feature(name, { where: equal({ node: column }, name).node }),
        feature(other, { fn: 'sum', of: { op: 'column', name: other }, type: 'number' }),
        feature(`${name}3`, { fn: 'own', of: { op: 'column', name: other }, type: 'number' }),
        feature(`${name}4`, { fn: 'topCounts', of: column, size: 2, window: null, type: 'counts' }),
      ],
      publicCount: 4,
      shape: { name, key: 'id', features: [], hash: '' },
    };
    const table = new TableState(rows);
    table.update({ id: 1, [other]: 4 }, 0, -Infinity);
    const state = new ViewState(definition, [table]);
    const numbers = new Float64Array(state.numbers);
    const others: unknown[] = [];
    state.event({ id: 1, [name]: 'x' }, 1, 5, wanted.none, numbers, 0, others, 0);
    state.event({ id: 1, [name]: name }, 1, 6, wanted.after, numbers, 0, others, 0);
    const expected = [1, 8, 4, [name, 'x'].sort().map((word) => [word, 1])];
    assert.deepEqual(state.values(numbers, 0, others, 0), expected);
    state.read(1, 7, numbers, 0, others, 0);
    assert.deepEqual(state.values(numbers, 0, others, 0), expected);
  });
}

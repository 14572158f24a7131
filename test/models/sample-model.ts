import { lengthOf, subtract } from '../../src/features/expression.js';
import { key, number, oneOf, optional, text, texts } from '../../src/features/fields.js';
import { source, table } from '../../src/features/source.js';
import { view } from '../../src/features/view.js';
import { model } from '../../src/models/definition.js';

export const shopEvents = source('shop-events', {
  key: 'customer',
  time: 'at',
  fields: {
    customer: key(),
    item: key(),
    kind: oneOf('look', 'buy'),
    paid: optional(number()),
    device: optional(text()),
  },
});

export const items = table('items', {
  key: 'item',
  time: 'at',
  fields: { item: key(), price: optional(number()), label: optional(text()) },
});

export const weather = table('weather', {
  time: 'at',
  fields: { warmth: optional(number()), fairs: optional(texts()) },
});

export const joined = shopEvents.asOf(items, 'item').asOf(weather, null, { maxAgeMs: 3_600_000 });

export const customer = view({
  name: 'customer',
  key: 'customer',
  source: joined,
  features: (on) => ({
    looks: on.count({ where: { kind: 'look' }, over: ['1h', '24h'] }),
    labels: on.topCounts('label', { size: 3, over: 'lifetime' }),
  }),
  internal: (on) => ({ mean_price: on.mean('price', { over: 'lifetime' }) }),
});

export const item = view({
  name: 'item',
  key: 'item',
  source: shopEvents.asOf(items, 'item'),
  features: (on) => ({ bought: on.count({ where: { kind: 'buy' }, over: '24h' }) }),
  internal: (on) => ({ listed: on.own('price'), label: on.own('label') }),
});

/** A model of two inputs, whose manifest tests write where they like. */
export function sampleModel(manifest: string | URL) {
  return model({
    name: 'sample',
    events: joined,
    where: { kind: 'look' },
    first: customer,
    second: item,
    inputs: (event, customer, item) => ({
      price_difference: subtract(item.listed, customer.mean_price),
      fairs: lengthOf(event.column('fairs')),
    }),
    manifest,
  });
}

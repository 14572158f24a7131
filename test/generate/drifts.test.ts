import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DriftName,
  driftEffects,
  driftStrength,
  effectOf,
  parseDrift,
} from '../../src/generate/drifts.js';
import type { GeneratedRecord } from '../../src/generate/generated-record.js';
import { createWorld } from '../../src/generate/world.js';
import { interactionRows, placeRows, recordsOfDays } from './rows.js';

const size = { seed: 21, users: 1_000, places: 400 };
const driftDay = 7;
/** Past the ramps of the gradual drifts; both periods are whole weeks. */
const after = { from: 17, to: 24 };

/** Statistics of a period as a reader of the topics alone would take them. */
interface Statistics {
  readonly interactions: number;
  readonly clickThrough: number;
  readonly visitsPerClick: number;
  readonly meanRating: number;
  readonly meanPrice: number;
  readonly nullLocations: number;
  readonly nearClicks: number;
  readonly night: number;
  readonly leisure: number;
  readonly watch: number;
  readonly newCategory: number;
}

interface PlaceState {
  readonly lat: number;
  readonly lng: number;
  readonly category: string;
  price: number;
}

function placeStates(records: readonly GeneratedRecord[]): Map<number, PlaceState> {
  const places = new Map<number, PlaceState>();
  for (const { place_id: id, updates } of placeRows(records)) {
    const { category, location, price_level: price } = updates;
    const known = places.get(id);
    if (known !== undefined && price !== undefined) known.price = price;
    if (known === undefined && location !== undefined && category !== undefined)
      places.set(id, { ...location, category, price: price ?? 0 });
  }
  return places;
}

const leisureNames = new Set(['bar', 'pub', 'nightclub', 'museum', 'gallery', 'park', 'theatre']);

function kilometres(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const shrink = Math.cos((a.lat * Math.PI) / 180);
  return 111.195 * Math.hypot(a.lat - b.lat, shrink * (a.lng - b.lng));
}

function statistics(before: readonly GeneratedRecord[], period: GeneratedRecord[]): Statistics {
  const places = placeStates([...before, ...period]);
  const rows = interactionRows(period);
  const views = rows.filter((row) => row.event_type === 'view');
  const share = <T>(all: readonly T[], is: (one: T) => boolean): number =>
    all.filter(is).length / all.length;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const clicks = rows.filter((row) => row.event_type === 'click');
  const category = (id: number): string => places.get(id)?.category ?? '';
  return {
    interactions: rows.length,
    clickThrough: clicks.length / views.length,
    visitsPerClick:
      share(rows, (row) => row.event_type === 'visit') / (clicks.length / rows.length),
    meanRating: mean(rows.flatMap((row) => row.rating ?? [])),
    meanPrice: mean(views.map((row) => places.get(row.place_id)?.price ?? 0)),
    nullLocations: share(rows, (row) => row.context.location === undefined),
    nearClicks: share(clicks, ({ context, place_id: id }) => {
      const place = places.get(id);
      return place !== undefined && kilometres(context.location ?? place, place) < 2;
    }),
    night: share(views, (row) => new Date(row.timestamp).getUTCHours() < 4),
    leisure: share(views, (row) => leisureNames.has(category(row.place_id))),
    watch: share(rows, (row) => row.context.device === 'watch'),
    newCategory: share(views, (row) => category(row.place_id) === 'bubble_tea'),
  };
}

const weeks = new Map<DriftName | undefined, Statistics>();

function lastWeek(drift: DriftName | undefined): Statistics {
  const known = weeks.get(drift);
  if (known !== undefined) return known;
  const drifts = drift === undefined ? [] : [{ name: drift, day: driftDay }];
  const world = createWorld({ ...size, drifts });
  const rows = recordsOfDays(world, 0, 1).concat(recordsOfDays(world, driftDay, driftDay + 1));
  const week = statistics(rows, recordsOfDays(world, after.from, after.to));
  weeks.set(drift, week);
  return week;
}

/** How far a week may be from another by chance (with the weather), absolute or relative. */
const slack: Record<keyof Statistics, (a: number, b: number) => boolean> = {
  interactions: (a, b) => Math.abs(b / a - 1) < 0.05,
  clickThrough: (a, b) => Math.abs(b - a) < 0.025,
  visitsPerClick: (a, b) => Math.abs(b - a) < 0.035,
  meanRating: (a, b) => Math.abs(b - a) < 0.08,
  meanPrice: (a, b) => Math.abs(b - a) < 0.05,
  nullLocations: (a, b) => Math.abs(b - a) < 0.004,
  nearClicks: (a, b) => Math.abs(b - a) < 0.05,
  night: (a, b) => Math.abs(b - a) < 0.02,
  leisure: (a, b) => Math.abs(b - a) < 0.03,
  watch: (a, b) => a === b,
  newCategory: (a, b) => a === b,
};

function moved(from: Statistics, to: Statistics): string[] {
  const names = Object.keys(slack) as (keyof Statistics)[];
  return names.filter((name) => !slack[name](from[name], to[name]));
}

const quietWorld = createWorld(size);
const first = statistics([], recordsOfDays(quietWorld, 0, driftDay));

test('without a drift no statistic of the records moves', () => {
  assert.deepEqual(moved(first, lastWeek(undefined)), []);
});

/** What each drift moves at least, and all that it may move. */
const effects: Record<DriftName, { moves: string[]; may: string[] }> = {
  prices: { moves: ['meanPrice'], may: [] },
  devices: { moves: ['watch'], may: [] },
  weekend: { moves: ['interactions', 'night', 'leisure'], may: ['clickThrough', 'nearClicks'] },
  categories: { moves: ['newCategory'], may: ['clickThrough', 'leisure', 'meanPrice', 'night'] },
  ratings: { moves: ['meanRating'], may: [] },
  nulls: { moves: ['nullLocations'], may: ['nearClicks'] },
  activity: { moves: ['interactions'], may: [] },
  labels: { moves: ['nearClicks'], may: ['meanPrice'] },
};

for (const [name, { moves, may }] of Object.entries(effects) as [
  DriftName,
  (typeof effects)[DriftName],
][]) {
  test(`the drift ${name} moves ${moves.join(', ')}`, () => {
    const found = moved(first, lastWeek(name));
    for (const needed of moves) assert.ok(found.includes(needed), `${needed} in ${found}`);
    assert.deepEqual(
      found.filter((one) => !moves.includes(one) && !may.includes(one)),
      [],
    );
  });
}

test('the drifts are as strong as documented', () => {
  assert.ok(lastWeek('prices').meanPrice - first.meanPrice > 0.8);
  assert.ok(Math.abs(lastWeek('devices').watch - 0.45) < 0.03);
  assert.ok(Math.abs(lastWeek('nulls').nullLocations - 0.4) < 0.01);
  assert.ok(Math.abs(lastWeek('activity').interactions / first.interactions - 2) < 0.1);
  assert.equal(lastWeek('ratings').meanRating, 5);
});

test('a drift that lasts some days of every so many is whole on those and nothing on others', () => {
  const recurring = parseDrift('devices@day10+2/7');
  const on = Array.from({ length: 26 }, (_, day) => day).filter(
    (day) => driftStrength([recurring], 'devices', day) === 1,
  );
  assert.deepEqual(on, [10, 11, 17, 18, 24, 25]);
  const rising = parseDrift('nulls@day3+4/20');
  assert.deepEqual(
    [2, 3, 6, 7, 22, 23, 26, 27].map((day) => driftStrength([rising], 'nulls', day)),
    [0, 0.1, 0.4, 0, 0, 0.1, 0.4, 0],
  );
  assert.match(effectOf(recurring), /watch.*, 2 days of every 7$/);
  for (const [days, every] of [
    [7, 7],
    [9, 7],
  ] as const)
    assert.throws(() => createWorld({ drifts: [{ name: 'labels', day: 1, days, every }] }), {
      code: 'wrong-use',
      message: /expected labels to last less than the 7 days.*found [79];/,
    });
});

test('after a drift that has passed the days are byte for byte those without it', () => {
  for (const name of ['devices', 'labels', 'ratings', 'weekend'] as const) {
    const passing = createWorld({ ...size, drifts: [{ name, day: 3, days: 2 }] });
    const linesOf = (world: typeof passing, from: number, to: number): string =>
      recordsOfDays(world, from, to)
        .map(({ line }) => line)
        .join('\n');
    assert.notEqual(linesOf(passing, 3, 4), linesOf(quietWorld, 3, 4));
    // Sessions of the last day run into the next.
    assert.equal(linesOf(passing, 6, 7), linesOf(quietWorld, 6, 7));
  }
});

test('a drift is read from name@dayK', () => {
  assert.deepEqual(parseDrift('prices@day45'), { name: 'prices', day: 45 });
  assert.deepEqual(parseDrift('devices@day45+3'), { name: 'devices', day: 45, days: 3 });
  assert.deepEqual(parseDrift('devices@day45+4/14'), {
    name: 'devices',
    day: 45,
    days: 4,
    every: 14,
  });
  const shapes = ['prices', 'prices@45', 'prices@day45+', 'prices@day45+0', 'prices@day45/14'];
  for (const wrong of [...shapes, 'price@day45', 'toString@day1', '@day1'])
    assert.throws(() => parseDrift(wrong), { code: 'wrong-use', message: /expected.*found.*;/ });
  assert.equal(Object.keys(driftEffects).length, 8);
});

/** How one function of the expression language is written in JavaScript and in ClickHouse SQL. */
interface FunctionForm {
  readonly returns: 'number' | 'boolean' | 'text';
  /** Numbers are doubles with NaN for null; texts are strings or null; booleans are two-valued. */
  readonly js: (...args: string[]) => string;
  /** Nullable values; booleans are two-valued. */
  readonly sql: (...args: string[]) => string;
}

const earthRadiusKm = 6371.0088;
const dayMs = 86_400_000;

const sqlTime = (ms: string) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`;

/** A text or a number in generated code: never null, so equality with it needs no second look. */
const isLiteral = (code: string): boolean => /^("|\(?-?\d)/.test(code);

export const functions = {
  add: { returns: 'number', js: (a, b) => `(${a} + ${b})`, sql: (a, b) => `(${a} + ${b})` },
  subtract: { returns: 'number', js: (a, b) => `(${a} - ${b})`, sql: (a, b) => `(${a} - ${b})` },
  multiply: { returns: 'number', js: (a, b) => `(${a} * ${b})`, sql: (a, b) => `(${a} * ${b})` },
  ratio: {
    returns: 'number',
    js: (a, b) => `lib.ratio(${a}, ${b})`,
    sql: (a, b) => `(${a} / nullIf(${b}, 0))`,
  },
  sqrt: {
    returns: 'number',
    js: (a) => `Math.sqrt(${a})`,
    sql: (a) => `if(${a} < 0, NULL, sqrt(${a}))`,
  },
  radians: {
    returns: 'number',
    js: (a) => `(${a} * ${Math.PI / 180})`,
    sql: (a) => `(${a} * ${Math.PI / 180})`,
  },
  cos: { returns: 'number', js: (a) => `Math.cos(${a})`, sql: (a) => `cos(${a})` },
  log1p: { returns: 'number', js: (a) => `Math.log1p(${a})`, sql: (a) => `log1p(${a})` },
  equal: {
    returns: 'boolean',
    js: (a, b) =>
      isLiteral(a) || isLiteral(b) ? `(${a} === ${b})` : `(${a} === ${b} && ${a} !== null)`,
    sql: (a, b) => `ifNull(${a} = ${b}, 0)`,
  },
  less: {
    returns: 'boolean',
    js: (a, b) => `(${a} < ${b})`,
    sql: (a, b) => `ifNull(${a} < ${b}, 0)`,
  },
  atLeast: {
    returns: 'boolean',
    js: (a, b) => `(${a} >= ${b})`,
    sql: (a, b) => `ifNull(${a} >= ${b}, 0)`,
  },
  and: { returns: 'boolean', js: (a, b) => `(${a} && ${b})`, sql: (a, b) => `(${a} AND ${b})` },
  or: { returns: 'boolean', js: (a, b) => `(${a} || ${b})`, sql: (a, b) => `(${a} OR ${b})` },
  not: { returns: 'boolean', js: (a) => `!${a}`, sql: (a) => `(NOT ${a})` },
  indicator: { returns: 'number', js: (a) => `(${a} ? 1 : 0)`, sql: (a) => `toFloat64(${a})` },
  coalesce: {
    returns: 'number',
    js: (a, b) => `lib.coalesce(${a}, ${b})`,
    sql: (a, b) => `coalesce(${a}, ${b})`,
  },
  haversineKm: {
    returns: 'number',
    js: (...p) => `lib.haversineKm(${p.join(', ')})`,
    // min2 passes null on; least leaves it out.
    sql: (lat1, lng1, lat2, lng2) =>
      `(${2 * earthRadiusKm} * asin(min2(1, sqrt(pow(sin(radians(${lat2} - ${lat1}) / 2), 2) + cos(radians(${lat1})) * cos(radians(${lat2})) * pow(sin(radians(${lng2} - ${lng1}) / 2), 2)))))`,
  },
  hourOfDay: {
    returns: 'number',
    js: (t) => `Math.floor(lib.modulo(${t}, ${dayMs}) / 3600000)`,
    sql: (t) => `toHour(${sqlTime(t!)})`,
  },
  dayOfWeek: {
    returns: 'number',
    js: (t) => `(lib.modulo(Math.floor(${t} / ${dayMs}) + 3, 7) + 1)`,
    sql: (t) => `toDayOfWeek(${sqlTime(t!)})`,
  },
  dayOfMonth: {
    returns: 'number',
    js: (t) => `new Date(${t}).getUTCDate()`,
    sql: (t) => `toDayOfMonth(${sqlTime(t!)})`,
  },
  month: {
    returns: 'number',
    js: (t) => `(new Date(${t}).getUTCMonth() + 1)`,
    sql: (t) => `toMonth(${sqlTime(t!)})`,
  },
  dayNumber: {
    returns: 'number',
    js: (t) => `Math.floor(${t} / ${dayMs})`,
    sql: (t) => `toRelativeDayNum(${sqlTime(t!)})`,
  },
  season: {
    returns: 'text',
    js: (t) => `lib.season(${t})`,
    sql: (t) =>
      `arrayElement(['winter', 'spring', 'summer', 'autumn'], intDiv(toMonth(${sqlTime(t!)}) % 12, 3) + 1)`,
  },
  lengthOf: {
    returns: 'number',
    js: (list) => `lib.lengthOf(${list})`,
    // An Array column of ClickHouse knows no null: there the length of a missing list is 0.
    sql: (list) => `length(${list})`,
  },
  countOf: {
    returns: 'number',
    js: (counts, text) => `lib.countOf(${counts}, ${text})`,
    sql: (counts, text) =>
      `if(isNull(${text}), NULL, arraySum(p -> if(p.1 = ${text}, p.2, 0), ${counts}))`,
  },
  elementOf: {
    returns: 'number',
    js: (list, at) => `lib.elementOf(${list}, ${at})`,
    sql: (list, at) =>
      `if(ifNull(${at} >= 0 AND ${at} < length(${list}), 0), arrayElement(${list}, toInt64(ifNull(${at}, 0)) + 1), NULL)`,
  },
} as const satisfies Record<string, FunctionForm>;

export type FunctionName = keyof typeof functions;

const seasons = ['winter', 'spring', 'summer', 'autumn'] as const;

/** What compiled expressions call; NaN stands for null. */
export const library = {
  ratio: (a: number, b: number): number => (b === 0 ? Number.NaN : a / b),
  coalesce: (a: number, b: number): number => (Number.isNaN(a) ? b : a),
  modulo: (a: number, b: number): number => a - Math.floor(a / b) * b,
  season: (timeMs: number): string | null =>
    seasons[Math.floor(((new Date(timeMs).getUTCMonth() + 1) % 12) / 3)] ?? null,
  lengthOf: (list: readonly unknown[] | null): number => list?.length ?? Number.NaN,
  countOf(counts: readonly (readonly [string, number])[] | null, text: string | null): number {
    if (counts === null || text === null) return Number.NaN;
    for (const entry of counts) if (entry[0] === text) return entry[1];
    return 0;
  },
  elementOf: (list: readonly number[] | null, at: number): number => list?.[at] ?? Number.NaN,
  haversineKm(lat1: number, lng1: number, lat2: number, lng2: number): number {
    const rad = Math.PI / 180;
    const dLat = Math.sin(((lat2 - lat1) * rad) / 2);
    const dLng = Math.sin(((lng2 - lng1) * rad) / 2);
    const h = dLat * dLat + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * dLng * dLng;
    return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h)));
  },
} as const;

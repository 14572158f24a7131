import type { Accumulator, Record as Slots } from '../windows/accumulator.js';
import type { Placed, Plan } from './plan.js';
import { type Group, paned } from './plan.js';
import type { Feature, ViewDefinition } from './view.js';

/**
 * Writes a view as a plain loop over flat arrays (no interpretation per event). Names in the code:
 * r row, k key's number, t event's time, at instant of the vector, rec the record read (k, or 0: a
 * scratch copy), KF/KI records of keys, PFg/PIg records of panes of window g, b a pane, J joined
 * tables' columns, v versions of joined rows, ov version of the view's own table row, N/O where
 * numbers and other values go. A record has its doubles first, then its integers: F and I are two
 * views of one memory, so that a record is one or two cache lines.
 */
export function writeProgram(definition: ViewDefinition, plan: Plan): string {
  const panes = paned(plan);
  return [
    "'use strict';",
    'const { lib, sets, tops, tables, growFloats } = runtime;',
    ...Array.from({ length: plan.setCount }, (_, i) => `const S${i} = sets[${i}];`),
    ...plan.tops.map((top, i) => `const ${top.name} = tops[${i}];`),
    ...definition.joins.map((_, i) => `const J${i} = tables[${i}].columns;`),
    `let KF = new Float64Array(${256 * wordsOf(plan.keyFloats, plan.keyInts)}), KI = new Int32Array(KF.buffer);`,
    ...panes.map(paneState),
    writeReserve(plan),
    ...panes.map(writePane),
    ...panes.map((group) => writeEvict(group)),
    writeEmit(definition, plan),
    writeEvent(definition, plan),
    writeRead(plan),
    writeChange(plan),
    writeKeeping(plan),
    'return { event, read, change, reserve, asOf, dump, restore, bytes };',
  ].join('\n');
}

/** Length of a record, in doubles. */
function wordsOf(floats: number, ints: number): number {
  return floats + Math.ceil(ints / 2);
}

/** Code of the first double and the first integer of the key record `i`. */
function keyAt({ keyFloats, keyInts }: Plan, i: string): { kf: string; ki: string } {
  const words = wordsOf(keyFloats, keyInts);
  return { kf: `${i} * ${words}`, ki: `${i} * ${2 * words} + ${2 * keyFloats}` };
}

/** The same of a pane; the first double is the pane's number, the first integer the next pane. */
function paneAt({ paneFloats, paneInts }: Group, i: string): { bf: string; bi: string } {
  const words = wordsOf(paneFloats, paneInts);
  return { bf: `${i} * ${words}`, bi: `${i} * ${2 * words} + ${2 * paneFloats}` };
}

const paneNumber = (group: Group, b: string): string => `PF${group.index}[${paneAt(group, b).bf}]`;
const nextPane = (group: Group, b: string): string => `PI${group.index}[${paneAt(group, b).bi}]`;

function paneState(group: Group): string {
  const g = group.index;
  const words = wordsOf(group.paneFloats, group.paneInts);
  return `let PF${g} = new Float64Array(${256 * words}), PI${g} = new Int32Array(PF${g}.buffer), top${g} = 1, free${g} = 0;`;
}

function writeReserve(plan: Plan): string {
  const initial = plan.keyInitial
    .map(({ slot, value }) => `KF[kf + ${slot}] = ${value};`)
    .join(' ');
  const words = wordsOf(plan.keyFloats, plan.keyInts);
  return `function reserve(k) {
  if ((k + 1) * ${words} > KF.length) { KF = growFloats(KF, KF.length * 2); KI = new Int32Array(KF.buffer); }
  const kf = ${keyAt(plan, 'k').kf}; ${initial}
}
function asOf(k) { return KF[${keyAt(plan, 'k').kf}]; }`;
}

/** Sets `count` slots to 0; a call of fill costs more than a few stores. */
function cleared(array: string, from: string, count: number): string {
  if (count > 16) return `${array}.fill(0, ${from}, ${from} + ${count});`;
  return Array.from({ length: count }, (_, i) => `${array}[${from} + ${i}] = 0;`).join(' ');
}

/** Finds or makes pane number p in the key's list, oldest first; most events meet the last one. */
function writePane(group: Group): string {
  const { index: g, head, tail, paneFloats, paneInts } = group;
  const words = wordsOf(paneFloats, paneInts);
  const { bf, bi } = paneAt(group, 'b');
  const initial = group.placed
    .filter(({ accumulator }) => accumulator.initial !== undefined)
    .map(({ accumulator, inPane }) => `${inPane.float(0)} = ${accumulator.initial};`)
    .join(' ');
  return `function new${g}(p) {
  let b = free${g};
  if (b !== 0) free${g} = ${nextPane(group, 'b')};
  else {
    if ((top${g} + 1) * ${words} > PF${g}.length) { PF${g} = growFloats(PF${g}, PF${g}.length * 2); PI${g} = new Int32Array(PF${g}.buffer); }
    b = top${g}++;
  }
  const bf = ${bf}, bi = ${bi};
  ${cleared(`PF${g}`, 'bf', paneFloats)} ${cleared(`PI${g}`, 'bi', paneInts)}
  PF${g}[bf] = p; ${initial}
  return b;
}
function pane${g}(ki, p) {
  const last = ${tail};
  if (last === 0) { const b = new${g}(p); ${head} = b; ${tail} = b; return b; }
  const newest = ${paneNumber(group, 'last')};
  if (newest === p) return last;
  if (newest < p) { const b = new${g}(p); ${nextPane(group, 'last')} = b; ${tail} = b; return b; }
  let before = 0, b = ${head};
  while (${paneNumber(group, 'b')} < p) { before = b; b = ${nextPane(group, 'b')}; }
  if (${paneNumber(group, 'b')} === p) return b;
  const made = new${g}(p);
  ${nextPane(group, 'made')} = b;
  if (before === 0) ${head} = made; else ${nextPane(group, 'before')} = made;
  return made;
}`;
}

/** Code that takes pane b out of the totals at ki/kf, and what must be re-merged afterwards. */
function leaving(group: Group): { take: string; flags: string; remerge: string } {
  const again = ({ accumulator, inKey, inPane }: Placed, fold: Fold): string =>
    `${resetFloats(accumulator, inKey)} for (let b = h; b !== 0; b = ${nextPane(group, 'b')}) { const bf = ${paneAt(group, 'b').bf}; ${fold(inKey, inPane)} }`;
  const take: string[] = [];
  const flags: string[] = [];
  const remerge: string[] = [];
  for (const [i, one] of group.placed.entries()) {
    const { accumulator, inKey, inPane } = one;
    const { leave } = accumulator;
    if (leave.by === 'subtraction') {
      take.push(leave.code(inKey, inPane));
      if (leave.again !== undefined)
        remerge.push(`if (${leave.again.spoiled(inKey)}) { ${again(one, leave.again.fold)} }`);
    } else {
      flags.push(`m${i} = false`);
      take.push(`if (${leave.needed(inKey, inPane)}) m${i} = true;`);
      remerge.push(`if (m${i}) { ${again(one, leave.fold)} }`);
    }
  }
  return {
    take: take.join(' '),
    flags: flags.length === 0 ? '' : `let ${flags.join(', ')};`,
    remerge: remerge.join(' '),
  };
}

type Fold = (total: Slots, pane: Slots) => string;

function resetFloats({ floats, keyFloats = 0, initial = 0 }: Accumulator, to: Slots): string {
  return Array.from({ length: floats + keyFloats }, (_, i) => `${to.float(i)} = ${initial};`).join(
    ' ',
  );
}

/** Takes the panes before \`lo\` out of the key's window and frees them. */
function writeEvict(group: Group): string {
  const { index: g, head, tail } = group;
  const { bf, bi } = paneAt(group, 'h');
  const { take, flags, remerge } = leaving(group);
  const drop = group.sets.map((set) => `${set.name}.dropPane(k, h);`).join(' ');
  const floats = group.placed.map(({ accumulator, inKey }) => resetFloats(accumulator, inKey));
  return `function evict${g}(k, ki, kf, lo) {
  let h = ${head}; ${flags}
  while (h !== 0 && ${paneNumber(group, 'h')} < lo) {
    const bf = ${bf}, bi = ${bi};
    ${take} ${drop}
    const next = PI${g}[bi]; PI${g}[bi] = free${g}; free${g} = h; h = next;
  }
  ${head} = h;
  if (h === 0) { ${tail} = 0; ${floats.join(' ')} }
  else { ${remerge} }
}`;
}

/** Numbers go to N from n, other values to O from o; NaN and infinities are null. */
function writeEmit(definition: ViewDefinition, plan: Plan): string {
  const numbers = definition.features.map(isNumeric);
  const lines = definition.features.map((feature, i) => {
    const at = numbers.slice(0, i).filter((one) => one === numbers[i]).length;
    const put = numbers[i] ? `N[n + ${at}] = f${i};` : `O[o + ${at}] = f${i};`;
    return { derived: feature.kind === 'derived', text: `const f${i} = ${plan.values[i]}; ${put}` };
  });
  const ordered = [...lines.filter((one) => !one.derived), ...lines.filter((one) => one.derived)];
  return `function emit(rec, k, at, ov, N, n, O, o) {
  const kf = ${keyAt(plan, 'rec').kf}, ki = ${keyAt(plan, 'rec').ki};
  ${ordered.map((one) => one.text).join('\n  ')}
}`;
}

/** Whether the feature's value is kept as a double. */
export function isNumeric(feature: Feature): boolean {
  return feature.type === 'number' || feature.type === 'integer' || feature.type === 'time';
}

function writeEvent(definition: ViewDefinition, plan: Plan): string {
  const panes = paned(plan);
  const lookups = definition.joins.map((join, i) => {
    const key = join.by === null ? "''" : `r[${JSON.stringify(join.by)}]`;
    return `const v${i} = tables[${i}].find(${key}, t, ${join.maxAgeMs ?? 'Infinity'});`;
  });
  const evictions = panes.map((group) => {
    const { index: g, window, head } = group;
    const { lengthMs, paneMs } = window;
    return `const lo${g} = Math.floor((now - ${lengthMs}) / ${paneMs});
  { const h = ${head}; if (h !== 0 && ${paneNumber(group, 'h')} < lo${g}) evict${g}(k, ki, kf, lo${g}); }`;
  });
  const own = plan.ownJoin < 0 ? '0' : `v${plan.ownJoin}`;
  return `function event(r, k, t, mode, N, n, O, o) {
  ${lookups.join('\n  ')}
  ${plan.hoisted.join('\n  ')}
  const kf = ${keyAt(plan, 'k').kf}, ki = ${keyAt(plan, 'k').ki};
  const seen = KF[kf], now = t > seen ? t : seen;
  ${evictions.join('\n  ')}
  if (mode & 1) emit(k, k, now, ${own}, N, n, O, o);
  KF[kf] = now;
  ${plan.groups.map(writeAdd).join('\n  ')}
  ${plan.tops.map((top) => `if (${top.when}) ${top.name}.add(k, ${top.value});`).join(' ')}
  if (mode & 2) emit(k, k, now, ${own}, N, n, O, o);
}`;
}

function writeAdd(group: Group): string {
  const { index: g, window } = group;
  const toKey = group.placed.map(({ accumulator, inKey }) => accumulator.add(inKey)).join(' ');
  if (window === null) {
    const sets = group.sets.map((s) => `if (${s.when}) ${s.name}.add(k, ${s.value}, 0, 0);`);
    return `${toKey} ${sets.join(' ')}`;
  }
  const toPane = group.placed.map(({ accumulator, inPane }) => accumulator.add(inPane)).join(' ');
  const sets = group.sets.map((s) => `if (${s.when}) ${s.name}.add(k, ${s.value}, b, p);`);
  return `{ const p = Math.floor(t / ${window.paneMs}); if (p >= lo${g}) {
    const b = pane${g}(ki, p), bf = ${paneAt(group, 'b').bf}, bi = ${paneAt(group, 'b').bi};
    ${toPane} ${toKey} ${sets.join(' ')} } }`;
}

/** The vector as of a later instant, from a scratch copy; gives the instant of its next change. */
function writeRead(plan: Plan): string {
  const words = wordsOf(plan.keyFloats, plan.keyInts);
  const sets = Array.from({ length: plan.setCount }, (_, i) => `S${i}.beginRead(k);`).join(' ');
  const windows = paned(plan).map((group) => {
    const { window, head } = group;
    const { bf, bi } = paneAt(group, 'h');
    const { take, flags, remerge } = leaving(group);
    const without = group.sets.map((set) => `${set.name}.readWithout(h);`).join(' ');
    return `{ const lo = Math.floor((at - ${window.lengthMs}) / ${window.paneMs}); let h = ${head}; ${flags}
    while (h !== 0 && ${paneNumber(group, 'h')} < lo) { const bf = ${bf}, bi = ${bi}; ${take} ${without} h = ${nextPane(group, 'h')}; }
    ${remerge}
    if (h !== 0) { const until = (${paneNumber(group, 'h')} + 1) * ${window.paneMs} + ${window.lengthMs}; if (until < change) change = until; } }`;
  });
  return `function read(k, at, ov, N, n, O, o) {
  const kf = 0, ki = ${2 * plan.keyFloats};
  KF.copyWithin(0, k * ${words}, (k + 1) * ${words});
  ${sets}
  let change = Infinity;
  ${windows.join('\n  ')}
  emit(0, k, at, ov, N, n, O, o);
  return change;
}`;
}

/** The first instant at which a pane that the key has now leaves its window. */
function writeChange(plan: Plan): string {
  const windows = paned(plan).map((group) => {
    const { window, head } = group;
    const until = `(${paneNumber(group, 'h')} + 1) * ${window.paneMs} + ${window.lengthMs}`;
    return `{ const h = ${head}; if (h !== 0) { const until = ${until}; if (until < change) change = until; } }`;
  });
  return `function change(k) {
  const ki = ${keyAt(plan, 'k').ki};
  let change = Infinity;
  ${windows.join('\n  ')}
  return change;
}`;
}

function writeKeeping(plan: Plan): string {
  const words = wordsOf(plan.keyFloats, plan.keyInts);
  const panes = paned(plan).map(({ index: g, paneFloats, paneInts }) => {
    return { g, words: wordsOf(paneFloats, paneInts) };
  });
  const dumped = panes.map(
    (pane) =>
      `Float64Array.of(top${pane.g}, free${pane.g}), PF${pane.g}.subarray(0, top${pane.g} * ${pane.words})`,
  );
  const restored = panes.map(
    ({ g }, i) =>
      `[top${g}, free${g}] = parts[${1 + 2 * i}]; PF${g} = parts[${2 + 2 * i}].slice(); PI${g} = new Int32Array(PF${g}.buffer);`,
  );
  const bytes = panes.map((pane) => `top${pane.g} * ${8 * pane.words}`);
  return `function dump(keys) { return [${[`KF.subarray(0, (keys + 1) * ${words})`, ...dumped].join(', ')}]; }
function restore(parts) { KF = parts[0].slice(); KI = new Int32Array(KF.buffer); ${restored.join(' ')} }
function bytes(keys) { return ${[`(keys + 1) * ${8 * words}`, ...bytes].join(' + ')}; }`;
}

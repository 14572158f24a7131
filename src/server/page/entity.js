import { byId, element, write } from './element.js';
import { clock, duration, figure, words } from './format.js';

const windowSuffix = /^(.+)_(\d+(?:min|[smhd]))$/;
/** Cells by feature name, each with the function that shows a value in it. */
let cells = new Map();
let shown = null;

/** Lays out a view's features: those of several windows side by side, the rest as a list. */
export function layOut(view) {
  const groups = new Map();
  for (const feature of view.features) {
    const [, base, window] = windowSuffix.exec(feature.name) ?? [];
    if (base === undefined || feature.type === 'integers' || feature.type === 'counts') continue;
    if (!groups.has(base)) groups.set(base, new Map());
    groups.get(base).set(window, feature);
  }
  for (const [base, features] of groups) if (features.size < 2) groups.delete(base);
  const grouped = new Set([...groups.values()].flatMap((features) => [...features.values()]));
  const rest = view.features.filter((feature) => !grouped.has(feature));
  const windows = new Set([...groups.values()].flatMap((features) => [...features.keys()]));
  cells = new Map();
  shown = null;
  const parts = [];
  if (groups.size > 0) parts.push(matrix([...windows].sort(byLength), groups));
  if (rest.length > 0) parts.push(list(rest));
  byId('entity').replaceChildren(...parts);
}

const unitSeconds = { s: 1, min: 60, m: 60, h: 3600, d: 86400 };
const secondsOf = (window) => Number.parseInt(window, 10) * unitSeconds[window.replace(/^\d+/, '')];
const byLength = (a, b) => secondsOf(a) - secondsOf(b);

function matrix(windows, groups) {
  const head = element('tr', '', heading('over the last', 'col'));
  for (const window of windows) head.append(heading(window, 'col'));
  const body = element('tbody');
  for (const [base, features] of groups) {
    const row = element('tr', '', heading(words(base), 'row'));
    for (const window of windows) row.append(cellOf(features.get(window)));
    body.append(row);
  }
  const table = element('table', 'matrix', element('thead', '', head), body);
  return element('div', 'scroll', table);
}

function list(features) {
  const body = element('tbody');
  for (const feature of features) {
    body.append(element('tr', '', heading(words(feature.name), 'row'), cellOf(feature)));
  }
  return element('table', 'list', body);
}

function heading(text, scope) {
  const made = element('th', '', text);
  made.scope = scope;
  return made;
}

function cellOf(feature) {
  const cell = element('td');
  if (feature === undefined) return cell;
  cell.title = feature.comment;
  cells.set(feature.name, { cell, type: feature.type });
  return cell;
}

/** Shows a vector; cells that changed since the last one of the same key flash. */
export function showVector(vector) {
  const before = shown?.key === vector.key ? shown.features : null;
  shown = vector;
  const until =
    vector.valid_until === null ? '' : `, changes by itself at ${timeOf(vector.valid_until)}`;
  write(byId('entity-note'), `${vector.view} ${vector.key} as of ${timeOf(vector.as_of)}${until}`);
  for (const [name, { cell, type }] of cells) {
    const value = vector.features[name] ?? null;
    const text = JSON.stringify(value);
    if (before !== null && JSON.stringify(before[name] ?? null) === text) continue;
    cell.classList.toggle('none', value === null);
    cell.replaceChildren(content(type, value));
    if (before !== null) flash(cell);
  }
}

/** Says why there is no vector. */
export function showNoVector(message) {
  shown = null;
  write(byId('entity-note'), message);
  for (const { cell } of cells.values()) cell.replaceChildren();
}

const timeOf = (iso) => clock(new Date(iso));

function flash(cell) {
  cell.classList.remove('changed');
  // Reading the width makes the browser start the animation anew.
  void cell.offsetWidth;
  cell.classList.add('changed');
}

function content(type, value) {
  if (value === null) return '–';
  if (type === 'time') {
    const ago = (Date.now() - Date.parse(value)) / 1000;
    return `${timeOf(value)}${ago > 0 && ago < 864000 ? ` (${duration(ago)} ago)` : ''}`;
  }
  if (type === 'integers') return columnChart(value);
  if (type === 'counts') {
    const items = value.map(([name, n]) =>
      element('span', '', `${name} `, element('b', '', figure(n))),
    );
    return value.length === 0 ? '–' : element('div', 'counts', ...items);
  }
  return typeof value === 'number' ? figure(value) : String(value);
}

function columnChart(values) {
  const chart = element('div', 'columns-chart');
  chart.role = 'img';
  chart.ariaLabel = values.join(', ');
  chart.title = values.join(', ');
  const top = Math.max(1, ...values);
  for (const value of values) {
    const column = element('span');
    column.style.height = `${(100 * value) / top}%`;
    chart.append(column);
  }
  return chart;
}

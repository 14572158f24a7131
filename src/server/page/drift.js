import { byId, colour, element, write } from './element.js';
import { day, figure, psi as psiText } from './format.js';
import uPlot from './uplot.js';

const worstShown = 5;
/** PSI above it is drawn at it, so that the threshold stays readable. */
const top = 1;
const height = 215;
let chart = null;
let drawn = '';
let latest = null;

/** Draws the history of drift; does nothing when it is the one already drawn. */
export function showDrift(history) {
  latest = history;
  const note = byId('drift-note');
  note.hidden = history.note === '';
  write(note, history.note);
  const text = JSON.stringify(history);
  if (text === drawn) return;
  drawn = text;
  draw(history);
}

/** Draws again, in another size or colour scheme. */
function redrawDrift() {
  if (latest !== null) draw(latest);
}

const highest = (series) => Math.max(-1, ...series.psi.filter((psi) => psi !== null));
const last = (series) => series.psi.findLast((psi) => psi !== null) ?? null;

function draw(history) {
  const box = byId('drift-chart');
  chart?.destroy();
  chart = null;
  const empty = history.periods.length === 0;
  box.classList.toggle('empty', empty);
  box.hidden = empty && history.note !== '';
  box.dataset.empty = empty ? 'The first period is still filling' : '';
  const sorted = [...history.series].sort((a, b) => highest(b) - highest(a));
  const worst = sorted.slice(0, worstShown);
  showLegend(worst, sorted.length - worst.length, history.threshold);
  box.ariaLabel = summary(worst, history);
  if (empty) return;
  const seconds = history.periods.map((period) => Date.parse(period.end) / 1000);
  const others = sorted.slice(worstShown).reverse();
  const lines = [...others, ...[...worst].reverse()];
  const data = [seconds, ...lines.map((one) => one.psi.map((psi) => psi && Math.min(psi, top)))];
  const series = lines.map((one) => lineOf(worst.indexOf(one)));
  chart = new uPlot(optionsOf(box, series, history, worst), data, box);
}

function lineOf(rank) {
  const stroke = rank < 0 ? colour('faint') : colour(`s${rank + 1}`);
  return { stroke, width: rank < 0 ? 1 : 2, points: { show: false }, spanGaps: true };
}

function optionsOf(box, series, history, worst) {
  const soft = colour('soft');
  const grid = { stroke: colour('rule'), width: 1 };
  const axis = { stroke: soft, grid, ticks: { show: false }, font: '12px system-ui' };
  const reached = Math.max(history.threshold * 1.6, ...worst.map(highest));
  const psiLabel = (value) => (value >= top && reached > top ? `≥ ${value}` : figure(value));
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [16, 10, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: { y: { range: [0, Math.min(top, reached * 1.08)] } },
    axes: [
      {
        ...axis,
        space: 70,
        size: 26,
        incrs: [1, 2, 3, 7, 14, 28].map((days) => days * 86400),
        values: (_chart, splits) => splits.map((at) => day(new Date(at * 1000))),
      },
      { ...axis, size: 46, values: (_chart, splits) => splits.map(psiLabel) },
    ],
    series: [{}, ...series],
    hooks: { draw: [(plot) => drawMarks(plot, history, worst)] },
  };
}

/** The threshold, where drifts were planted, and where the worst feature crosses. */
function drawMarks(plot, history, worst) {
  const { ctx, bbox } = plot;
  const dots = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * dots}px system-ui`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.lineWidth = 1.5 * dots;
  ctx.setLineDash([6 * dots, 4 * dots]);
  const y = plot.valToPos(history.threshold, 'y', true);
  stroke(ctx, colour('bad'), bbox.left, y, bbox.left + bbox.width, y);
  ctx.fillStyle = colour('bad');
  label(ctx, `threshold ${psiText(history.threshold)}`, bbox.left + 6 * dots, y - 6 * dots);
  for (const planted of history.planted) {
    const x = plot.valToPos(Date.parse(planted.time) / 1000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([2 * dots, 3 * dots]);
    stroke(ctx, colour('ink'), x, bbox.top, x, bbox.top + bbox.height);
    ctx.fillStyle = colour('ink');
    const text = `planted: ${planted.name}`;
    const room = bbox.left + bbox.width - x > ctx.measureText(text).width;
    ctx.textAlign = room ? 'left' : 'right';
    label(ctx, text, x, bbox.top - 5 * dots);
    ctx.textAlign = 'left';
  }
  ctx.setLineDash([]);
  drawCrossing(plot, history, worst);
  ctx.restore();
}

/** A text that lines behind it do not cross. */
function label(ctx, text, x, y) {
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = colour('card');
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
  ctx.restore();
}

function stroke(ctx, style, x1, y1, x2, y2) {
  ctx.strokeStyle = style;
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** A ring at the first period in which a feature passed the threshold, the furthest of those. */
function drawCrossing(plot, history, worst) {
  const isOver = (series, at) => (series.psi[at] ?? 0) > history.threshold;
  const at = history.periods.findIndex((_period, i) => worst.some((one) => isOver(one, i)));
  if (at < 0) return;
  const [series] = worst.toSorted((a, b) => (b.psi[at] ?? 0) - (a.psi[at] ?? 0));
  const { ctx } = plot;
  const dots = devicePixelRatio;
  const end = history.periods[at].end;
  const x = plot.valToPos(Date.parse(end) / 1000, 'x', true);
  const y = plot.valToPos(Math.min(series.psi[at], top), 'y', true);
  ctx.strokeStyle = colour('bad');
  ctx.fillStyle = colour('card');
  ctx.lineWidth = 2.5 * dots;
  ctx.beginPath();
  ctx.arc(x, y, 5.5 * dots, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = colour('bad');
  ctx.textAlign = 'right';
  label(ctx, `crossed ${day(new Date(end))}`, x - 10 * dots, y + 16 * dots);
  ctx.textAlign = 'left';
}

function showLegend(worst, others, threshold) {
  const items = worst.map((series, rank) => {
    const swatch = element('i', 'swatch stroke');
    swatch.style.background = `var(--s${rank + 1})`;
    const psi = last(series);
    const over = psi !== null && psi > threshold;
    const value = element('span', over ? 'over' : '', psi === null ? 'too few data' : psiText(psi));
    return element('li', '', swatch, `${series.feature} `, value);
  });
  if (others > 0) items.push(element('li', 'hint', `and ${others} more, in grey, that moved less`));
  byId('drift-legend').replaceChildren(...items);
}

function summary(worst, { threshold, periods }) {
  if (periods.length === 0) return 'No drift evaluated yet';
  const parts = worst.map((series) => `${series.feature} ${psiText(last(series) ?? 0)}`);
  return `PSI over ${periods.length} periods, threshold ${threshold}; latest: ${parts.join(', ')}`;
}

let width = 0;
new ResizeObserver(([entry]) => {
  if (entry.contentRect.width === width) return;
  width = entry.contentRect.width;
  chart?.setSize({ width, height });
}).observe(byId('drift-chart'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawDrift);

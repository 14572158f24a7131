import { escaped } from './html-text.js';
import { missingLabel } from './picture.js';
import type { ColumnPicture, Episode } from './report.js';
import { shown } from './text-sink.js';

const width = 560;
const height = 150;
const left = 46;
const bottom = 22;
const top = 8;

function frame(label: string, inner: string, tall = height): string {
  return `<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${escaped(label)}">${inner}</svg>`;
}

function round(x: number): string {
  return x.toFixed(1);
}

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}

/** Bars that stand between the others and that of missing cells, as room for its label. */
const gap = 2;
const charWidth = 6;

/** Shares of the reference (filled) and the current rows (outlined), bar by bar. */
export function distributionPlot(picture: ColumnPicture): string {
  const { column, labels } = picture;
  const shares = [picture.reference, picture.current].map((counts) => {
    const all = Array.from(counts);
    const sum = all.reduce((a, b) => a + b, 0) || 1;
    return all.map((count) => count / sum);
  });
  const most = Math.max(...shares.flat(), 1e-9);
  const { x, step } = slots(picture);
  const y = (share: number) => top + (height - top - bottom) * (1 - share / most);
  const parts = labels.map((label, i) => {
    const [r = 0, c = 0] = [shares[0]?.[i], shares[1]?.[i]];
    const bar = (name: string, share: number, from: number, size: number) =>
      `<rect class="${name}" x="${round(x(i) + from * step)}" y="${round(y(share))}" width="${round(size * step)}" height="${round(height - bottom - y(share))}"/>`;
    const title = `${label}: reference ${(100 * r).toFixed(2)} %, current ${(100 * c).toFixed(2)} %`;
    return `<g>${bar('reference', r, 0.06, 0.44)}${bar('current', c, 0.5, 0.44)}<title>${escaped(title)}</title></g>`;
  });
  const axis = `<text class="end" x="${left - 4}" y="${top + 8}">${(100 * most).toFixed(most < 0.1 ? 1 : 0)} %</text><text class="end" x="${left - 4}" y="${height - bottom}">0</text><line class="axis" x1="${left}" x2="${width}" y1="${height - bottom}" y2="${height - bottom}"/>`;
  return frame(`Distribution of ${column}`, axis + parts.join('') + barTicks(picture));
}

/** Where the bars stand: that of missing numbers apart from the rest. */
function slots({ type, labels }: ColumnPicture) {
  const isApart = type !== 'category' && labels.length > 1 && labels.at(-1) === missingLabel;
  const step = (width - left - 4) / (labels.length + (isApart ? gap : 0));
  const x = (i: number) => left + (i + (isApart && i === labels.length - 1 ? gap : 0)) * step;
  return { isApart, step, x };
}

/** Labels of the bars: of few all of them; else some, the last one and that of missing cells. */
function barTicks(picture: ColumnPicture): string {
  const { labels } = picture;
  const { isApart, step, x } = slots(picture);
  const text = (at: number, anchor: string, label: string) =>
    `<text class="${anchor}" x="${round(at)}" y="${height - 7}">${escaped(label)}</text>`;
  const last = labels.length - (isApart ? 2 : 1);
  const apart = isApart ? [text(x(last + 1) + step, 'end', missingLabel)] : [];
  const longest = Math.max(...labels.slice(0, last + 1).map((label) => label.length));
  const isShort = longest * charWidth < step;
  if (picture.type === 'category' || isShort) {
    const shown = labels.slice(0, last + 1).map((label, i) => {
      return text(x(i) + step / 2, 'middle', cut(label, Math.floor(step / charWidth)));
    });
    return [...shown, ...apart].join('');
  }
  const every = Math.ceil(Math.max(labels.length / 6, ((longest + 1) * charWidth) / step));
  const shown: string[] = [];
  for (let i = 0; i + every <= last; i += every) shown.push(text(x(i), '', labels[i] ?? ''));
  const end = text(x(last) + step, 'end', labels[last] ?? '');
  return [...shown, end, ...apart].join('');
}

export interface SeriesPoint {
  readonly to: number;
  readonly statistic: number;
  readonly critical: number | null;
  readonly isDrift: boolean;
}

/** A statistic over the rows, its critical value dashed, episodes shaded. */
export function seriesPlot(
  label: string,
  points: readonly SeriesPoint[],
  episodes: readonly Episode[],
  rows: number,
): string {
  const size = points.map(({ statistic }) => Math.abs(statistic));
  const most = Math.max(...size, ...points.map(({ critical }) => critical ?? 0), 1e-9) * 1.05;
  const x = (row: number) => left + ((width - left - 6) * row) / Math.max(1, rows);
  const y = (value: number) => top + (height - top - bottom) * (1 - value / most);
  const path = (value: (point: SeriesPoint, i: number) => number | null) =>
    points
      .flatMap((point, i) => {
        const at = value(point, i);
        return at === null ? [] : [`${round(x(point.to))},${round(y(at))}`];
      })
      .join(' ');
  const shades = episodes.map(({ opened, closed }) => {
    const from = x(opened);
    return `<rect class="episode" x="${round(from)}" y="${top}" width="${round(Math.max(1.5, x(closed ?? rows) - from))}" height="${height - top - bottom}"/>`;
  });
  const dots = points.flatMap(({ to, isDrift }, i) =>
    isDrift
      ? [`<circle class="drift" cx="${round(x(to))}" cy="${round(y(size[i]!))}" r="2"/>`]
      : [],
  );
  const ticks = [0, 0.5, 1].map((share) => {
    const row = Math.round(rows * share);
    const anchor = share === 0 ? '' : share === 1 ? 'end' : 'middle';
    return `<text class="${anchor}" x="${round(x(row))}" y="${height - 7}">${row.toLocaleString('en-US')}</text>`;
  });
  const axis = `<text class="end" x="${left - 4}" y="${top + 8}">${escaped(shown(Number(most.toPrecision(3))))}</text><text class="end" x="${left - 4}" y="${height - bottom}">0</text><line class="axis" x1="${left}" x2="${width}" y1="${height - bottom}" y2="${height - bottom}"/>`;
  const lines = `<polyline class="critical" points="${path(({ critical }) => critical)}"/><polyline class="statistic" points="${path((_, i) => size[i]!)}"/>`;
  return frame(label, shades.join('') + axis + ticks.join('') + lines + dots.join(''));
}

/** Episodes over the rows of the input, a bar each. */
export function episodesPlot(episodes: readonly Episode[], rows: number): string {
  const tall = 26 + episodes.length * 22;
  const x = (row: number) => left + ((width - left - 6) * row) / Math.max(1, rows);
  const bars = episodes.map(({ episode, opened, closed, columns }, i) => {
    const from = x(opened);
    const size = Math.max(3, x(closed ?? rows) - from);
    const title = `episode ${episode}: ${columns.join(', ')}`;
    return `<g><text class="end" x="${left - 6}" y="${18 + i * 22}">${episode}</text><rect class="bar${closed === null ? ' open' : ''}" x="${round(from)}" y="${6 + i * 22}" width="${round(size)}" height="15" rx="3"/><title>${escaped(title)}</title></g>`;
  });
  const ends = `<line class="axis" x1="${left}" x2="${width}" y1="${tall - 16}" y2="${tall - 16}"/><text x="${left}" y="${tall - 3}">0</text><text class="end" x="${width - 2}" y="${tall - 3}">${rows.toLocaleString('en-US')} rows</text>`;
  return frame('Episodes', bars.join('') + ends, tall);
}

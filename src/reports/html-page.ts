import { style } from './html-style.js';
import { escaped } from './html-text.js';
import type { ColumnPicture, Episode, Summary, TestResult, Verdict } from './report.js';
import { distributionPlot, episodesPlot, type SeriesPoint, seriesPlot } from './svg-plots.js';
import { count, shown } from './text-sink.js';

/** What is shown of one test of a column. */
export interface TestSection {
  /** The gravest window. */
  worst: TestResult;
  points: SeriesPoint[];
}

export interface ColumnSection {
  readonly column: string;
  readonly verdict: Verdict;
  readonly picture: ColumnPicture | undefined;
  readonly tests: readonly TestSection[];
}

/** Columns whose plots are in the page. */
const plottedMax = 60;

/** The report as one page that needs nothing else. */
export function htmlPage(
  sections: readonly ColumnSection[],
  episodes: readonly Episode[],
  summary: Summary,
): string {
  const plotted = sections.filter(({ picture }) => picture !== undefined).slice(0, plottedMax);
  const left = sections.filter(({ picture }) => picture !== undefined).length - plotted.length;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drift: ${escaped(summary.input)}</title><style>${style}</style></head><body><main>
<h1>${verdictTag(summary.verdict)} <span class="soft">·</span> ${escaped(summary.input)}</h1>
<p class="soft">compared with the reference ${escaped(summary.reference)}</p>
${figures(summary)}
${episodesSection(episodes, summary)}
<h2>Columns</h2>
${overview(sections, summary)}
<h2>Distributions${summary.window === null ? '' : ' and statistics over time'}</h2>
<p class="soft"><span class="key r">reference</span><span class="key c">current${
    summary.window === null ? '' : ', all rows'
  }</span></p>
${plotted.map((section, i) => columnDetails(section, episodes, summary, i < 6)).join('\n')}
${left > 0 ? `<p class="soft">${left} more columns are in the table only.</p>` : ''}
<p class="soft">A test is significant where p is below ${escaped(shown(summary.level))}${
    summary.window === null ? '' : ' (of columns of two values, up to about three times that)'
  }: a chance of ${escaped(summary.alpha)} of any alarm over ${count(summary.columns)} columns${
    summary.window === null ? '' : ` and ${count(summary.looks)} windows`
  } where nothing drifts. Drift is significance and size of effect together.</p>
</main></body></html>
`;
}

function verdictTag(verdict: Verdict): string {
  return `<span class="verdict ${verdict}">${verdict}</span>`;
}

function figures(summary: Summary): string {
  const broken = summary.brokenReference + summary.brokenInput;
  const cells: [string, string][] = [
    [count(summary.rowsReference), 'rows of the reference'],
    [count(summary.rowsInput), 'rows of the input'],
    [`${summary.drifted.length} of ${summary.columns}`, 'columns drifted'],
  ];
  if (summary.window !== null) {
    const { windows, window, slide } = summary;
    cells.push([
      count(windows),
      `windows of ${count(window)}, every ${count(slide ?? window)} rows`,
    ]);
    cells.push([`${summary.episodes}`, `episodes, ${summary.open} open`]);
  }
  if (broken > 0) cells.push([count(broken), 'broken rows left out']);
  const shownCells = cells.map(([value, what]) => `<div><b>${value}</b>${escaped(what)}</div>`);
  return `<div class="figures">${shownCells.join('')}</div>`;
}

function episodesSection(episodes: readonly Episode[], summary: Summary): string {
  if (summary.window === null) return '';
  if (episodes.length === 0) return '<h2>Episodes</h2><p>None.</p>';
  const rows = episodes.map((one) => {
    const time = (moment: unknown) => (moment == null ? '' : ` · ${escaped(moment)}`);
    const end =
      one.closed === null
        ? '<span class="verdict drift">open</span>'
        : `${count(one.closed)}${time(one.closedTime)} (${one.ended})`;
    return `<tr><td>${one.episode}</td><td>${count(one.opened)}${time(one.openedTime)}</td><td>${end}</td><td class="name">${escaped(one.columns.join(', '))}</td></tr>`;
  });
  return `<h2>Episodes</h2><figure class="episodes">${episodesPlot(episodes, summary.rowsInput)}</figure>
<div class="wide"><table><thead><tr><th>episode</th><th>found at row</th><th>closed at row</th><th>columns</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const head = (window: number | null): string =>
  `<tr><th>test</th><th>verdict</th><th class="number">effect</th><th class="number">statistic</th><th class="number">critical</th><th class="number">p</th><th class="number">n reference</th><th class="number">n current</th><th>method</th>${window === null ? '' : '<th>rows</th>'}</tr>`;

function testCells({ worst: one }: TestSection, window: number | null): string {
  const number = (value: number | null) => `<td class="number">${escaped(shown(value))}</td>`;
  const rows = window === null ? '' : `<td>${count(one.window.from)}–${count(one.window.to)}</td>`;
  const method = escaped(one.detail === '' ? one.method : one.detail);
  return `<td>${one.test}</td><td>${verdictTag(one.verdict)}</td>${number(one.effect)}${number(one.statistic)}${number(one.critical)}${number(one.pValue)}<td class="number">${count(one.nReference)}</td><td class="number">${count(one.nCurrent)}</td><td>${method}</td>${rows}`;
}

function overview(sections: readonly ColumnSection[], { window }: Summary): string {
  const rows = sections.map(({ column, verdict, tests }) => {
    const worst = tests[0]?.worst;
    const why = worst?.detail || '';
    const size =
      worst === undefined || worst.effect === null
        ? ''
        : `${worst.test} ${shown(worst.effect)} (n ${count(worst.nReference)} / ${count(worst.nCurrent)})`;
    return `<tr><td class="name">${escaped(column)}</td><td>${verdictTag(verdict)}</td><td${size === '' ? '' : ' class="keep"'}>${escaped(size || why)}</td></tr>`;
  });
  const note = window === null ? '' : ', gravest window';
  return `<div class="wide"><table><thead><tr><th>column</th><th>verdict${note}</th><th>largest effect, or why there is none</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** What the dashed line of a plot says; under some tests a statistic has no such value. */
function threshold(points: readonly SeriesPoint[]): string {
  const known = points.filter(({ critical }) => critical !== null).length;
  if (known === 0) return 'no threshold: significance is by another test, named below as method';
  const part = known < points.length ? ', where its own law holds' : '';
  return `dashed: significant from here${part}`;
}

function columnDetails(
  { column, verdict, picture, tests }: ColumnSection,
  episodes: readonly Episode[],
  { window, rowsInput }: Summary,
  isFirst: boolean,
): string {
  const own = episodes.filter(({ columns }) => columns.includes(column));
  const plots = [
    ...(picture === undefined ? [] : [['distribution', distributionPlot(picture)]]),
    ...(window === null
      ? []
      : tests
          .filter(({ points }) => points.length > 1)
          .map(({ worst, points }) => [
            `${worst.test}${worst.test === 'rank-sum' ? ', size of z' : ''}, ${threshold(points)}`,
            seriesPlot(`${worst.test} of ${column}`, points, own, rowsInput),
          ])),
  ].map(
    ([caption, plot]) => `<figure><figcaption>${escaped(caption)}</figcaption>${plot}</figure>`,
  );
  const rows = tests.map((one) => `<tr>${testCells(one, window)}</tr>`);
  return `<details${verdict === 'drift' || isFirst ? ' open' : ''}><summary>${escaped(column)} ${verdictTag(verdict)}</summary>
<div class="plots">${plots.join('')}</div>
<div class="wide"><table><thead>${head(window)}</thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

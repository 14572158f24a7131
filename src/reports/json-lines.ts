import type { Episode, RowWindow, Summary, TestResult } from './report.js';

/** The lines of the JSON report: what other programs read, so their names stay as they are. */
export function resultLine(result: TestResult): string {
  const { column, test, window, nReference, nCurrent, statistic, pValue } = result;
  return JSON.stringify({
    column,
    test,
    window: windowJson(window),
    n_reference: nReference,
    n_current: nCurrent,
    statistic,
    p_value: pValue,
    method: result.method,
    effect: result.effect,
    critical: result.critical,
    verdict: result.verdict,
    ...(result.detail === '' ? {} : { detail: result.detail }),
  });
}

function windowJson({ from, to, rows, fromTime, toTime }: RowWindow) {
  const times = toTime === undefined ? {} : { from_time: fromTime ?? null, to_time: toTime };
  return { from, to, rows, ...times };
}

export function episodeLine(episode: Episode, withTimes: boolean): string {
  const { columns, opened, closed, ended } = episode;
  const times = {
    opened_time: episode.openedTime ?? null,
    closed_time: episode.closedTime ?? null,
  };
  return JSON.stringify({
    episode: episode.episode,
    columns,
    opened,
    closed,
    ended,
    ...(withTimes ? times : {}),
  });
}

export function summaryLine(summary: Summary): string {
  return JSON.stringify({
    summary: {
      verdict: summary.verdict,
      reference: summary.reference,
      input: summary.input,
      rows_reference: summary.rowsReference,
      rows_input: summary.rowsInput,
      broken_reference: summary.brokenReference,
      broken_input: summary.brokenInput,
      columns: summary.columns,
      drifted: summary.drifted,
      warned: summary.warned,
      untested: summary.untested,
      windows: summary.windows,
      window: summary.window,
      slide: summary.slide,
      episodes: summary.episodes,
      open: summary.open,
      level: summary.level,
      alpha: summary.alpha,
      looks: summary.looks,
    },
  });
}

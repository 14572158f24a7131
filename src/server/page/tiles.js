import { byId, element, write } from './element.js';
import { count, day, duration, timeOfDay } from './format.js';
import { showShare } from './share.js';

const verdicts = ['used', 'late', 'invalid', 'duplicate', 'filtered'];
const ratesShown = 120;
const rates = [];
let wasCatchingUp = false;

/** Takes the rates of the last two minutes, before the first status. */
export function startRates(values) {
  rates.push(...values.slice(-ratesShown));
}

/** Shows a status in the tiles, the progress bar and the header. */
export function showStatus(status) {
  showState(status);
  showCatchingUp(status.catching_up);
  showRate(status.events_per_second, status.catching_up !== null);
  showWatermark(status);
  showScoring(status.scoring);
  showAccount(status.accounts);
  showShare(status.share);
}

function showState({ ready, share, catching_up: catchingUp }) {
  const state = byId('state');
  const waiting = ready.parts.filter((part) => !part.ready);
  if (catchingUp !== null) {
    state.dataset.state = 'busy';
    write(state, 'Catching up');
  } else if (ready.ready) {
    state.dataset.state = 'live';
    write(state, 'Live');
  } else {
    state.dataset.state = 'waiting';
    // What the banner below explains is not told twice.
    const brief = share !== null && share.pauses.length > 0;
    const parts = waiting.map(({ name, why }) => (brief ? name : `${name} (${why})`));
    write(state, `Not ready: ${parts.join(', ')}`);
  }
}

function showCatchingUp(progress) {
  byId('catching-up').hidden = progress === null;
  if (progress === null) return;
  write(byId('catching-up-text'), `Catching up: day ${progress.day} of ${progress.days}`);
  byId('catching-up-bar').value = progress.day / Math.max(1, progress.days);
}

function showRate(rate, catchingUp) {
  write(byId('rate'), count(rate));
  // Replay is thousands of times faster: in one line with it, real time would be flat.
  if (wasCatchingUp && !catchingUp) rates.length = 0;
  wasCatchingUp = catchingUp;
  rates.push(rate);
  if (rates.length > ratesShown) rates.shift();
  const top = Math.max(1, ...rates);
  const step = 120 / Math.max(1, rates.length - 1);
  const points = rates.map(
    (value, i) => `${(i * step).toFixed(2)} ${(27 - (25 * value) / top).toFixed(2)}`,
  );
  const line = `M${points.join('L')}`;
  const svg = byId('rate-line');
  svg.querySelector('.line').setAttribute('d', line);
  svg.querySelector('.area').setAttribute('d', `${line}V28H0Z`);
}

function showWatermark({ watermark, watermark_holder: holder, time, catching_up: catchingUp }) {
  if (watermark === null) {
    write(byId('watermark'), '–');
    write(byId('watermark-holder'), 'No event yet');
    return;
  }
  const date = new Date(watermark);
  const small = element('small', '', ` ${day(date)} UTC`);
  byId('watermark').replaceChildren(timeOfDay(date), small);
  const lag = (Date.parse(time) - date.getTime()) / 1000;
  const behind = catchingUp === null ? `${duration(lag)} behind the clock` : '';
  const held = holder === '' ? '' : `held by ${holder}`;
  write(byId('watermark-holder'), [behind, held].filter(Boolean).join(', '));
}

function showScoring(scoring) {
  if (scoring === null) {
    write(byId('scores'), '–');
    write(byId('scores-latency'), 'No model is loaded');
    return;
  }
  write(byId('scores'), count(scoring.scores_per_second));
  const { p95_ms: p95 } = scoring;
  const latency = p95 === null ? '' : `95 % within ${count(p95)} ms`;
  write(byId('scores-latency'), latency);
}

function showAccount(accounts) {
  const total = { in: 0 };
  for (const name of verdicts) total[name] = 0;
  for (const account of accounts) {
    for (const name of Object.keys(total)) total[name] += account[name];
  }
  const bar = byId('account-bar');
  const list = byId('account');
  if (list.childElementCount === 0) {
    list.append(accountItem('in', 'records in'));
    for (const name of verdicts) {
      list.append(accountItem(name, name));
      const part = element('span');
      part.style.background = `var(--${name})`;
      bar.append(part);
    }
  }
  write(byId('account-in'), count(total.in));
  for (const [i, name] of verdicts.entries()) {
    write(byId(`account-${name}`), count(total[name]));
    bar.children[i].style.flexGrow = String(total[name]);
    bar.children[i].hidden = total[name] === 0;
  }
  const topics = accounts.filter((a) => a.in > 0).map((a) => `${a.topic} ${count(a.in)}`);
  const sum = verdicts.reduce((all, name) => all + total[name], 0);
  const balance =
    sum === total.in
      ? 'In is the sum of the rest: none is dropped in silence'
      : 'The account is off!';
  write(byId('account-hint'), `${balance}. ${topics.join(', ')}`);
}

function accountItem(name, label) {
  const value = element('dd');
  value.id = `account-${name}`;
  const term = element('dt');
  if (name !== 'in') {
    const swatch = element('i', 'swatch');
    swatch.style.background = `var(--${name})`;
    term.append(swatch);
  }
  term.append(label);
  return element('div', '', term, value);
}

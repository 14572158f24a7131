import { byId, element } from './element.js';
import { clock, day, figure, psi } from './format.js';

const cardsShown = 8;
const featuresShown = 3;
/** Calls for retraining by the schedule or by labels. */
const otherCallsShown = 2;

/**
 * Shows alerts and retraining events as cards, the newest episode first, then what is muted;
 * `standings` says by event how far its retraining is, `acknowledged` by episode who is on it.
 */
export function showAlerts({ alerts, events: retrainings, standings, acknowledged, mutes }) {
  const box = byId('alerts');
  const cardOf = (event) => retrainingCard(event, standings.get(event.id));
  const known = JSON.stringify([alerts, retrainings, [...standings], [...acknowledged], mutes]);
  if (box.dataset.known === known) return;
  box.dataset.known = known;
  const cards = alerts.flatMap((alert) => {
    const calls = retrainings.filter(
      (event) => event.model === alert.model && event.episode === alert.episode,
    );
    return [alertCard(alert, acknowledged.get(alert.episode)), ...calls.map(cardOf)];
  });
  const orphans = retrainings.filter(
    (event) =>
      !alerts.some((a) => a.model === event.model && a.episode === event.episode) &&
      standings.get(event.id)?.status !== 'in-use',
  );
  cards.push(...orphans.slice(0, otherCallsShown).map(cardOf));
  const more = orphans.length - otherCallsShown;
  const hint = `and ${more} more that no drift is behind: weir retraining list`;
  const none = element('p', '', 'None. What the model sees is like what it was trained on.');
  box.replaceChildren(...(cards.length === 0 ? [none] : cards.slice(0, cardsShown)));
  if (more > 0) box.append(element('p', 'more', hint));
  for (const mute of mutes) box.append(element('p', 'muted', mutedText(mute)));
}

function mutedText({ monitor, feature, until, reason, who }) {
  const what = feature === null ? `All of ${monitor}` : feature;
  return `${what} is muted until ${clock(new Date(until))} by ${who}: ${reason}`;
}

function alertCard(alert, ack) {
  const { evidence } = alert;
  const things = evidence.length === 1 ? nameOf(evidence[0]) : `${evidence.length} things`;
  const title = `Drift in ${things} of ${alert.model} ${alert.version}`;
  const when = alert.ended === null ? 'still on' : `over since ${clock(new Date(alert.ended))}`;
  const items = evidence.slice(0, featuresShown).map((one) => {
    return element(
      'li',
      '',
      element('b', '', one.feature),
      one.psi === null ? ` ${found(one)}` : ` PSI ${psi(one.psi)}, limit ${psi(alert.threshold)}`,
    );
  });
  if (evidence.length > featuresShown) {
    items.push(element('li', '', `and ${evidence.length - featuresShown} more`));
  }
  return element(
    'article',
    alert.ended === null ? 'alert' : 'alert over',
    element('h3', '', title),
    timeLine(alert.time, `${when}, seen ${range(alert.period_start, alert.period_end)}`),
    element('ul', '', ...items),
    ...(ack ? [element('p', 'next', `Acknowledged${byText(ack)}`)] : []),
    element('p', 'next', alert.next_step),
    ...(alert.changes.length === 0 ? [] : [folded('What changed', alert.changes.map(itemOf))]),
    folded('Evidence', evidence.map(evidenceItem)),
  );
}

function folded(title, items) {
  return element('details', '', element('summary', '', title), element('ul', '', ...items));
}

function itemOf(text) {
  return element('li', '', text);
}

/** Of a single thing its name, of a feature only that it is one. */
function nameOf(one) {
  return one.subject === 'feature' ? '1 feature' : one.feature;
}

function found(one) {
  const usual = one.usual === null ? '' : `, usually ${psi(one.usual)}`;
  return `${one.test.replaceAll('-', ' ')} ${psi(one.statistic)}${usual}`;
}

function evidenceItem(one) {
  const parts = [
    `${figure(one.current_count)} samples against ${figure(one.reference_count)} of the reference`,
  ];
  if (one.critical !== null) {
    const what = one.psi === null ? '' : 'PSI ';
    parts.push(`the bound of chance is ${what}${psi(one.critical)}`);
  }
  if (one.psi === null) parts.unshift(found(one));
  if (one.ks !== null) parts.push(`Kolmogorov–Smirnov distance at least ${psi(one.ks)}`);
  return element('li', '', `${one.feature}: ${parts.join('; ')}`);
}

function retrainingCard(event, standing) {
  const isOver = standing?.status === 'in-use';
  const told = isOver
    ? `${event.model} ${standing.version} took the place of ${event.version}`
    : `Retrain ${event.model} ${event.version}`;
  const howFar = howFarText(standing);
  return element(
    'article',
    isOver ? 'alert retraining over' : 'alert retraining',
    element('h3', '', told),
    timeLine(event.time, `advised: ${event.strategy}`),
    ...(howFar === '' ? [] : [element('p', 'next', howFar)]),
    element('p', '', event.reason),
    element(
      'details',
      '',
      element('summary', '', 'Where the training data lies'),
      element('code', '', event.training_data),
    ),
  );
}

/** What the trainer said last; empty before a word. */
function howFarText(standing) {
  const { status = 'due', progress, version } = standing ?? {};
  const by = byText(standing ?? {});
  const share = progress === null ? '' : `, ${Math.round(100 * progress)} %`;
  const words = {
    acknowledged: `Acknowledged${by}`,
    'in-progress': `In progress${share}${by}`,
    done: `Version ${version} is done${by}; it is not in use yet`,
    'in-use': `In use since ${clock(new Date(standing?.changed_at))}`,
  };
  return words[status] ?? '';
}

function byText({ who, note }) {
  return who ? ` by ${who}${note === '' ? '' : `: ${note}`}` : '';
}

function timeLine(iso, more) {
  const time = element('time', '', `${clock(new Date(iso))} · ${more}`);
  time.dateTime = iso;
  return time;
}

function range(start, end) {
  const from = day(new Date(start));
  const to = day(new Date(Date.parse(end) - 1));
  return from === to ? `on ${from}` : `${from} to ${to}`;
}

import { showAlerts } from './alerts.js';
import { showDrift } from './drift.js';
import { byId, element, write } from './element.js';
import { layOut, showNoVector, showVector } from './entity.js';
import { showStatus, startRates } from './tiles.js';

const pollMs = 5000;
const readMs = 2000;
/** A followed key stays at least this long after its last change. */
const dwellMs = 8000;
const reconnectMs = 5000;

let views = [];
let view = '';
let key = '';
let changedAtMs = 0;
let stream = null;
let lastTyped = false;
/** By event: how far its retraining is. */
let standings = new Map();
/** By episode: who is on it. */
let acknowledged = new Map();
let mutes = [];

async function get(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? `${path}: ${response.status}`);
  return body;
}

/** One connection for everything; the vectors of the chosen key only. */
function connect() {
  stream?.close();
  const events = key === '' ? 'status,alerts,retraining' : 'features,status,alerts,retraining';
  const query = new URLSearchParams({ events, ...(key === '' ? {} : { view, key }) });
  stream = new EventSource(`/stream?${query}`);
  const on = (name, take) => {
    stream.addEventListener(name, (message) => take(JSON.parse(message.data)));
  };
  on('status', takeStatus);
  on('features', takeVector);
  on('alerts', refresh);
  on('retraining', refresh);
  const opened = stream;
  stream.addEventListener('error', () => {
    if (opened !== stream) return;
    byId('state').dataset.state = 'lost';
    write(byId('state'), 'No connection; trying again');
    // A refused stream (too many clients) is not tried again by the browser.
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, reconnectMs);
  });
}

function takeStatus(status) {
  showStatus(status);
  const recent = (status.recent_keys[view] ?? []).map(String);
  offer(recent);
  const [newest] = recent;
  const free = key === '' || (byId('follow').checked && Date.now() - changedAtMs > dwellMs);
  if (free && newest !== undefined && newest !== key) choose(newest);
}

function takeVector(vector) {
  if (vector.view !== view || String(vector.key) !== key) return;
  changedAtMs = Date.now();
  showVector(vector);
}

/** Offers keys that were active just now; the buttons stay while they are the same. */
function offer(keys) {
  const box = byId('recent');
  const known = JSON.stringify([keys, key]);
  if (box.dataset.known === known || box.matches(':hover, :focus-within')) return;
  box.dataset.known = known;
  const buttons = keys.map((one) => {
    const button = element('button', '', one);
    button.type = 'button';
    button.ariaPressed = String(one === key);
    button.addEventListener('click', () => {
      byId('follow').checked = false;
      choose(one);
    });
    return button;
  });
  box.replaceChildren(...buttons);
}

function choose(next) {
  key = next;
  changedAtMs = Date.now();
  if (!lastTyped || document.activeElement !== byId('key')) byId('key').value = next;
  lastTyped = false;
  for (const button of byId('recent').children)
    button.ariaPressed = String(button.textContent === key);
  connect();
  read();
}

/** Reads the vector as it is now: windows move on although no event comes. */
async function read() {
  const [askedView, askedKey] = [view, key];
  if (askedKey === '') return;
  try {
    const path = `/features/${encodeURIComponent(askedView)}/${encodeURIComponent(askedKey)}`;
    const vector = await get(path);
    if (askedView === view && askedKey === key) showVector(vector);
  } catch (error) {
    if (askedView === view && askedKey === key) showNoVector(error.message);
  }
}

function chooseView(name) {
  view = name;
  key = '';
  for (const button of byId('views').children)
    button.ariaPressed = String(button.dataset.view === name);
  const shape = views.find((one) => one.name === name);
  write(byId('key-label'), shape.key);
  layOut(shape);
  showNoVector('Waiting for the first event.');
  byId('key').value = '';
  connect();
}

async function refresh() {
  const [drift, alerts, events, standing, said] = await Promise.all([
    get('/api/drift'),
    get('/api/alerts'),
    get('/api/retraining-events'),
    // Over Kafka it may not be read for a while: what was known last stands.
    get('/api/retraining').catch(() => null),
    get('/api/episodes').catch(() => null),
  ]);
  if (standing !== null) standings = new Map(standing.retraining.map((one) => [one.id, one]));
  if (said !== null) {
    acknowledged = new Map(said.episodes.map((one) => [one.id, one.acknowledged]));
    mutes = said.mutes;
  }
  showDrift(drift);
  showAlerts({ alerts, events, standings, acknowledged, mutes });
}

async function start() {
  const pipeline = await get('/api/pipeline');
  views = pipeline.views;
  startRates(pipeline.rates);
  byId('pipeline').hidden = false;
  write(byId('pipeline'), `pipeline ${pipeline.pipeline}`);
  document.title = `Weir · ${pipeline.pipeline}`;
  for (const { name } of views) {
    const button = element('button', '', name);
    button.type = 'button';
    button.dataset.view = name;
    button.addEventListener('click', () => chooseView(name));
    byId('views').append(button);
  }
  byId('pick').addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = byId('key').value.trim();
    if (wanted === '') return;
    byId('follow').checked = false;
    choose(wanted);
  });
  byId('key').addEventListener('input', () => {
    lastTyped = true;
    byId('follow').checked = false;
  });
  if (views.length > 0) chooseView(views[0].name);
  await refresh();
  // A poll that fails is tried again; the header says that the connection is gone.
  const quietly = (work) => () => work().catch(() => undefined);
  setInterval(quietly(refresh), pollMs);
  setInterval(quietly(read), readMs);
}

start().catch((error) => {
  byId('state').dataset.state = 'lost';
  write(byId('state'), error.message);
});

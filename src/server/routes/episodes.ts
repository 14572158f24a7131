import { closest } from '../../config/closest.js';
import { mayFollow } from '../../monitors/apply-command.js';
import { type Command, parseCommand } from '../../monitors/command.js';
import type { Retraining } from '../../monitors/policy-state.js';
import { episodesOf, mutesOf, type PolicyView, retrainingsOf } from '../../monitors/policy-view.js';
import { parseTime } from '../../streams/ingest/time.js';
import { type Answer, json, problem, type Route, retryAfter, shown } from '../answer.js';
import type { EngineView, PoliciesFound } from '../engine-view.js';

const bodyBytesLimit = 16_384;

type Fields = Readonly<Record<string, unknown>>;

/** Episodes, mutes and retraining: to be read, and said. */
export function episodeRoutes(engine: EngineView, clock: () => number = Date.now): Route[] {
  const get = (path: string, value: (policies: readonly PolicyView[]) => unknown): Route => ({
    method: 'GET',
    path,
    handle: async () => {
      const found = await engine.policies();
      return found.ok ? json(value(found.policies)) : unavailable(found);
    },
  });
  const say = (path: string, commandOf: CommandOf): Route => ({
    method: 'POST',
    path,
    // Nothing a foreign page's form could send without asking first.
    accepts: ['application/json'],
    bodyBytesLimit,
    tooLarge: 'more than 16 KiB; shorten the note',
    handle: async ({ body }) => {
      const fields = fieldsOf(body);
      if (fields === null) return problem(400, 'bad-command', 'expected a JSON object');
      const found = await engine.policies();
      if (!found.ok) return unavailable(found);
      const made = commandOf(fields, found.policies, clock());
      return 'body' in made ? made : sayTo(engine, made, found.policies);
    },
  });
  return [
    get('/api/episodes', (policies) => ({
      episodes: episodesOf(policies),
      mutes: mutesOf(policies),
    })),
    get('/api/retraining', (policies) => ({ retraining: retrainingsOf(policies) })),
    say('/api/episodes/ack', (fields, policies, atMs) => {
      const { episode, who, note } = fields;
      const owner = policies.find(({ state }) =>
        [...state.open, ...state.past].some(({ id }) => id === episode),
      );
      if (owner === undefined) return unknownId('episode', episode, '/api/episodes');
      return made({ kind: 'acknowledge', monitor: owner.monitor, episode, who, note, atMs });
    }),
    say('/api/episodes/mute', muteCommand),
    say('/api/episodes/unmute', ({ feature, who, ...fields }, policies, atMs) => {
      const monitor = monitorOf(fields.monitor, policies);
      if (typeof monitor !== 'string') return monitor;
      const { mutable, state } = policies.find((one) => one.monitor === monitor)!;
      // What is watched no more may still be muted; what was just muted may not show yet.
      const known = [...mutable, ...state.mutes.map((mute) => mute.feature)];
      if (typeof feature === 'string' && !known.includes(feature)) {
        return unwatched(monitor, feature, mutable);
      }
      return made({ kind: 'unmute', monitor, feature: feature ?? null, who, atMs });
    }),
    ...(['acknowledged', 'in-progress', 'done'] as const).map((status) =>
      say(`/api/retraining/${paths[status]}`, (fields, policies, atMs) => {
        const { event, who, note, progress, version } = fields;
        const owner = policies.find(({ state }) => state.retrainings.some((r) => r.id === event));
        const known = owner?.state.retrainings.find((r) => r.id === event);
        if (owner === undefined) return unknownId('retraining event', event, '/api/retraining');
        const { monitor, state } = owner;
        if (known !== undefined && isLate(known, status, version)) return late(known, status);
        // Said again, it is a repeat, as of a trainer who heard no answer.
        if (version === state.modelVersion && version !== known?.version) {
          return inUse(state.model, state.modelVersion);
        }
        const said = { progress: progress ?? null, version: version ?? null };
        return made({ kind: 'retraining', monitor, event, status, who, note, ...said, atMs });
      }),
    ),
  ];
}

const paths = { acknowledged: 'ack', 'in-progress': 'progress', done: 'done' } as const;

type CommandOf = (
  fields: Fields,
  policies: readonly PolicyView[],
  atMs: number,
) => Command | Answer;

function muteCommand(fields: Fields, policies: readonly PolicyView[], atMs: number) {
  const monitor = monitorOf(fields.monitor, policies);
  if (typeof monitor !== 'string') return monitor;
  const { feature, until, reason, who } = fields;
  const untilMs = parseTime(until);
  if (typeof untilMs !== 'number') {
    return problem(400, 'bad-command', `until: ${untilMs}; give a time with its zone`);
  }
  const { mutable } = policies.find((one) => one.monitor === monitor)!;
  if (typeof feature === 'string' && !mutable.includes(feature)) {
    return unwatched(monitor, feature, mutable);
  }
  return made({ kind: 'mute', monitor, feature: feature ?? null, untilMs, reason, who, atMs });
}

/** A mute of what is not watched would be taken for one that works. */
function unwatched(monitor: string, feature: string, known: readonly string[]): Answer {
  const whole = known.find((one) => feature.startsWith(`${one} [`));
  const remedy =
    whole === undefined
      ? `expected one of ${known.join(', ')}`
      : `expected ${shown(whole)}, which stands for its segments too`;
  const meant = whole === undefined ? closest(feature, known) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${shown(meant)}?`;
  const found = `found ${shown(feature)}${hint}`;
  return problem(400, 'bad-command', `feature: ${monitor} watches none such; ${remedy}; ${found}`);
}

function inUse(model: string, version: string): Answer {
  const message = `version: expected a new version of ${model}, found ${shown(version)}, which is in use`;
  return problem(400, 'bad-command', message);
}

/** The one monitor where none is named. */
function monitorOf(named: unknown, policies: readonly PolicyView[]): string | Answer {
  const names = policies.map(({ monitor }) => monitor);
  if (named === undefined && names.length === 1) return names[0]!;
  if (typeof named === 'string' && names.includes(named)) return named;
  const found = named === undefined ? 'none' : shown(String(named));
  const message = `expected a monitor, one of ${names.join(', ') || 'none'}; found ${found}`;
  return problem(404, 'unknown-monitor', message);
}

/** What is left out is not null: a default takes its place. */
function made(fields: Fields): Command | Answer {
  const given = Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== undefined));
  const parsed = parseCommand(given);
  return parsed.ok ? parsed.command : problem(400, 'bad-command', parsed.reason);
}

/** What is in use may be said to be done again, as of a trainer who heard no answer. */
function isLate(known: Retraining, status: Retraining['status'], version: unknown): boolean {
  if (known.status === 'in-use') return status !== 'done' || version !== known.version;
  return !mayFollow(known.status, status);
}

function late({ id, status: now }: Retraining, status: Retraining['status']): Answer {
  const message = `retraining ${id}: expected a later state than ${now}; found ${status}; GET /api/retraining says where it is`;
  return problem(409, 'too-late', message);
}

/** What is done is taken into use at once; what does not lie ready is refused, and not recorded. */
async function sayTo(
  engine: EngineView,
  command: Command,
  policies: readonly PolicyView[],
): Promise<Answer> {
  const { version } = { version: null, ...command };
  if (command.kind !== 'retraining' || version === null) {
    const said = await engine.say(command);
    return said.ok ? json({ accepted: true, command }, 202) : unavailable(said);
  }
  const { model } = policies.find(({ monitor }) => monitor === command.monitor)!.state;
  const used = await engine.useModel(model, version, command);
  if (used.ok) return json({ accepted: true, command, model: { name: model, version } }, 202);
  if (used.refused) return problem(409, 'version-not-ready', used.why);
  return unavailable(used);
}

function unavailable({ why }: Extract<PoliciesFound, { readonly ok: false }>): Answer {
  return problem(503, 'unavailable', why, retryAfter(2_000));
}

function unknownId(what: string, id: unknown, path: string): Answer {
  const message = `there is no ${what} ${shown(String(id ?? ''))}; GET ${path} lists them`;
  return problem(404, 'unknown-episode', message);
}

function fieldsOf(body: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields) // an object of JSON
      : null;
  } catch {
    return null;
  }
}

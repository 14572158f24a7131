import { type Command, referenceBytesMax } from '../../monitors/command.js';
import type { ReferenceWindow } from '../../monitors/emission.js';
import { referenceText } from '../../monitors/reference-file.js';
import { fittingReference, type ReferenceUse } from '../../monitors/reference-fit.js';
import { type Answer, json, problem, type Route, retryAfter, shown } from '../answer.js';
import type { EngineView } from '../engine-view.js';

/** What monitors are held against: to be read, and switched. */
export function referenceRoutes(engine: EngineView, clock: () => number = Date.now): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/references',
      handle: async () => {
        const found = await engine.references();
        if (!found.ok) return unavailable(found.why);
        return json({ references: found.references.map(viewOf) });
      },
    },
    {
      method: 'POST',
      path: '/api/references/use',
      accepts: ['application/json'],
      bodyBytesLimit: referenceBytesMax,
      tooLarge: 'more than 2 MB; capture it of fewer features or segments',
      handle: ({ body }) => use(engine, body, clock()),
    },
  ];
}

async function use(engine: EngineView, body: Buffer, atMs: number): Promise<Answer> {
  const found = await engine.references();
  if (!found.ok) return unavailable(found.why);
  const said = fieldsOf(body);
  if (said === null) {
    const message = 'expected { who, reference }, the reference as in its file';
    return problem(400, 'bad-command', message);
  }
  const { monitor, who } = said;
  const used = found.references.find(({ definition }) => definition.name === monitor);
  if (used === undefined) {
    const names = found.references.map(({ definition }) => definition.name).join(', ') || 'none';
    const message = `expected a reference of a monitor that runs here (${names}); found one of ${shown(monitor)}`;
    return problem(404, 'unknown-monitor', message);
  }
  const fitting = fittingReference(said.text, used.definition, used.modelVersion);
  if (!fitting.ok) return problem(400, 'bad-reference', fitting.reason);
  const { reference } = fitting;
  const text = referenceText(reference);
  const command: Command = { kind: 'use-reference', monitor, reference: text, who, atMs };
  const taken = await engine.say(command);
  if (!taken.ok) return unavailable(taken.why);
  const { kind } = command;
  const about = { ...summaryOf(reference), monitor, who };
  return json({ accepted: true, command: { kind, ...about } }, 202);
}

/** The reference's text, whose it says it is, and who sends it. */
function fieldsOf(body: Buffer) {
  try {
    const said: { who?: unknown; reference?: { monitor?: unknown } } = JSON.parse(body.toString());
    const { who, reference } = said;
    const monitor = reference?.monitor;
    const isNamed = typeof who === 'string' && who.trim() !== '' && who.length <= 100;
    if (!isNamed || typeof monitor !== 'string') return null;
    return { who: who.trim(), monitor, text: JSON.stringify(reference) };
  } catch {
    return null;
  }
}

function viewOf({ definition, modelVersion, reference, switches }: ReferenceUse) {
  return {
    monitor: definition.name,
    model: definition.model,
    model_version: modelVersion,
    reference: reference === null ? null : summaryOf(reference),
    next: switches.map(({ fromMs, reference: one }) => {
      return { ...summaryOf(one), counts_from: timeText(fromMs) };
    }),
  };
}

function unavailable(why: string): Answer {
  return problem(503, 'unavailable', why, retryAfter(2_000));
}

function summaryOf({ id, hash, fromMs, toMs }: ReferenceWindow) {
  return { id, hash, from: timeText(fromMs), to: timeText(toMs) };
}

const timeText = (timeMs: number): string => new Date(timeMs).toISOString();

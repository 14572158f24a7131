import { type Answer, json, problem, type Route, retryAfter, shown } from '../answer.js';
import type { Acceptance, EngineView } from '../engine-view.js';

const bodyBytesLimit = 8 << 20;
const linesLimit = 100_000;
const remedy = 'split them into several requests';

/** `POST /events/{topic}`: one JSON record per line, one verdict per line. */
export function eventRoutes(engine: EngineView): Route[] {
  return [
    {
      method: 'POST',
      path: '/events/:topic',
      // Nothing a foreign page's form could send without asking first.
      accepts: ['application/x-ndjson', 'application/ndjson', 'application/json'],
      bodyBytesLimit,
      tooLarge: `more than 8 MiB of events; ${remedy}`,
      async handle({ params, body }) {
        const { topic = '' } = params;
        const topics = engine.topics();
        if (!topics.includes(topic)) {
          const message = `there is no topic ${shown(topic)}; the topics are ${topics.join(', ')}`;
          return problem(404, 'unknown-topic', message);
        }
        const lines = linesOf(body);
        if (!Array.isArray(lines)) return lines;
        return verdictsAnswer(topic, await engine.accept(topic, lines));
      },
    },
  ];
}

/** The lines without their ends; an empty line keeps its place. */
function linesOf(body: Buffer): string[] | Answer {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return problem(400, 'not-utf8', 'the body is not UTF-8; nothing of it was taken');
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) {
    return problem(400, 'no-events', 'the body is empty; send one JSON record per line');
  }
  if (lines.length > linesLimit) {
    return problem(413, 'too-large', `more than ${linesLimit} lines; ${remedy}`);
  }
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function verdictsAnswer(topic: string, acceptance: Acceptance): Answer {
  if (!acceptance.ok) {
    const [status, code] = acceptance.reason === 'full' ? [429, 'full'] : [503, 'unavailable'];
    return problem(
      status as number,
      code as string,
      acceptance.why,
      retryAfter(acceptance.retryAfterMs),
    );
  }
  const counts: Record<string, number> = {};
  const lines = acceptance.verdicts.map(({ verdict, reason }, index) => {
    counts[verdict] = (counts[verdict] ?? 0) + 1;
    return { line: index + 1, verdict, ...(reason === '' ? {} : { reason }) };
  });
  return json({ topic, in: lines.length, counts, lines });
}

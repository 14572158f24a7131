import type { BrokenKind } from './broken-kinds.js';
import { devices } from './scene.js';
import type { Interaction } from './sessions.js';

interface Parts {
  readonly userId: string;
  readonly type: Interaction['type'];
  readonly rating: number | null;
  /** As JSON. */
  readonly timestamp: string;
  readonly lat: number | null;
  readonly lng: number;
}

function joined(parts: Parts, event: Interaction): string {
  const rating = parts.rating === null ? '' : `,"rating":${parts.rating}`;
  const query = event.query === null ? '' : `"search_query":"${event.query}",`;
  const where = parts.lat === null ? '' : `"location":{"lat":${parts.lat},"lng":${parts.lng}},`;
  const device = devices[event.device] ?? 'mobile';
  // Joined, not added: kept ropes of pieces would cost the collector a third of the time.
  return [
    `{${parts.userId}"place_id":`,
    event.place.id,
    `,"event_type":"${parts.type}"`,
    rating,
    ',"timestamp":',
    parts.timestamp,
    ',"context":{',
    query,
    where,
    `"device":"${device}","session_id":"`,
    event.sessionId,
    '"}}',
  ].join('');
}

function partsOf(event: Interaction): Parts {
  return {
    userId: `"user_id":${event.user.id},`,
    type: event.type,
    rating: event.rating,
    timestamp: `"${new Date(event.timeMs).toISOString()}"`,
    lat: event.location?.lat ?? null,
    lng: event.location?.lng ?? 0,
  };
}

/** An interaction as one line of the topic `interactions`. */
export function interactionLine(event: Interaction): string {
  return joined(partsOf(event), event);
}

/** The same, damaged in one way. */
export function brokenLine(event: Interaction, kind: BrokenKind): string {
  const parts = partsOf(event);
  const iso = new Date(event.timeMs).toISOString();
  const line = (changed: Partial<Parts>): string => joined({ ...parts, ...changed }, event);
  switch (kind) {
    case 'broken-line':
      return line({}).slice(0, 60);
    case 'missing-key':
      return line({ userId: '' });
    case 'rating-range':
      return line({ type: 'rate', rating: 7.5 });
    case 'coordinate-range':
      return line({ lat: 138.7 });
    case 'key-beyond-2^53':
      return line({ userId: '"user_id":9007199254740993,' });
    case 'time-without-zone':
      return line({ timestamp: `"${iso.slice(0, -1)}"` });
    case 'time-in-seconds':
      return line({ timestamp: String(Math.floor(event.timeMs / 1_000)) });
    case 'time-far-ahead':
      return line({ timestamp: `"2999-01-01${iso.slice(10)}"` });
    default:
      return kind satisfies never;
  }
}

import { key, number, oneOf, optional, text, texts } from '../../../src/features/fields.js';
import { required, type TopicDefinition, together } from '../../../src/features/source.js';

/** A field of every kind, some of them nested, and both kinds of rules. */
export const interactions: TopicDefinition = {
  kind: 'source',
  topic: 'interactions',
  key: 'user_id',
  time: 'timestamp',
  fields: {
    user_id: key(),
    event_type: oneOf('view', 'click', 'rate'),
    rating: optional(number(1, 5)),
    lat: optional(number(-90, 90), { from: 'context.location.lat' }),
    lng: optional(number(-180, 180), { from: 'context.location.lng' }),
    device: optional(text(), { from: 'context.device' }),
    tags: optional(texts()),
  },
  rules: [required('rating', { event_type: 'rate' }), together('lat', 'lng')],
  objects: [],
};

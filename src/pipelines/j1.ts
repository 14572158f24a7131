import { ratio } from '../features/expression.js';
import { key, number, oneOf, optional } from '../features/fields.js';
import { source } from '../features/source.js';
import { view } from '../features/view.js';

export const events = source('interactions', {
  key: 'user_id',
  time: 'timestamp',
  fields: {
    user_id: key(),
    event_type: oneOf('view', 'click', 'visit', 'rate'),
    rating: optional(number(1, 5)),
  },
});

const windows = ['1h/1m', '24h/15m', '7d/2h', '30d/12h'] as const;

/** 24 values per event over four windows: the job that stream engines are compared on. */
export const j1 = view({
  name: 'j1',
  key: 'user_id',
  source: events,
  features: (on) => ({
    count: on.count({ over: windows }),
    clicks: on.count({ where: { event_type: 'click' }, over: windows }),
    views: on.count({ where: { event_type: 'view' }, over: windows }),
    rating: on.mean('rating', { over: windows }),
    best: on.max('rating', { over: windows }),
  }),
  derive: (f) => ({
    ctr_1h: ratio(f.clicks_1h, f.views_1h),
    ctr_24h: ratio(f.clicks_24h, f.views_24h),
    ctr_7d: ratio(f.clicks_7d, f.views_7d),
    ctr_30d: ratio(f.clicks_30d, f.views_30d),
  }),
});

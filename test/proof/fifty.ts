import { ratio } from '../../src/features/expression.js';
import { view } from '../../src/features/view.js';
import { monitor } from '../../src/monitors/definition.js';
import { interactions, placeUpdates } from '../../src/pipelines/places.js';
import { pipeline } from '../../src/streams/pipeline.js';

const located = interactions.asOf(placeUpdates, 'place_id');

/** 33 features; the device is in one of them alone. */
const user = view({
  name: 'user',
  key: 'user_id',
  source: located,
  features: (on) => ({
    views: on.count({ where: { event_type: 'view' }, over: ['24h', '7d', '30d'] }),
    clicks: on.count({ where: { event_type: 'click' }, over: ['24h', '7d', '30d'] }),
    visits: on.count({ where: { event_type: 'visit' }, over: ['24h', '7d', '30d'] }),
    ratings: on.count({ where: { event_type: 'rate' }, over: ['24h', '7d', '30d'] }),
    interactions: on.count({ over: ['24h', '7d', '30d'] }),
    places: on.distinct('place_id', { over: ['24h', '7d', '30d'] }),
    categories: on.distinct('category', { over: '7d' }),
    rating_given: on.mean('rating', { over: '30d' }),
    price: on.mean('price_level', { over: ['7d', '30d'] }),
    price_spread: on.standardDeviation('price_level', { over: '30d' }),
    listed_rating: on.mean('listed_rating', { over: ['7d', '30d'] }),
    lat: on.mean('lat', { over: '7d' }),
    lng: on.mean('lng', { over: '7d' }),
    lat_spread: on.standardDeviation('lat', { over: '30d' }),
    lng_spread: on.standardDeviation('lng', { over: '30d' }),
  }),
  internal: (on) => ({ mobile_7d: on.count({ where: { device: 'mobile' }, over: '7d' }) }),
  derive: (f) => ({
    click_through_7d: ratio(f.clicks_7d, f.views_7d),
    click_through_30d: ratio(f.clicks_30d, f.views_30d),
    visit_rate_30d: ratio(f.visits_30d, f.clicks_30d),
    mobile_share_7d: ratio(f.mobile_7d, f.interactions_7d),
  }),
});

/** 17 features. */
const place = view({
  name: 'place',
  key: 'place_id',
  source: located,
  features: (on) => ({
    views: on.count({ where: { event_type: 'view' }, over: ['24h', '7d'] }),
    clicks: on.count({ where: { event_type: 'click' }, over: ['24h', '7d'] }),
    visits: on.count({ where: { event_type: 'visit' }, over: ['24h', '7d'] }),
    interactions: on.count({ over: ['24h', '7d'] }),
    visitors: on.distinct('user_id', { over: ['24h', '7d'] }),
    avg_rating: on.mean('rating', { over: '7d' }),
    category: on.own('category'),
    price_level: on.own('price_level'),
    listed_rating: on.own('listed_rating'),
  }),
  derive: (f) => ({
    click_through_24h: ratio(f.clicks_24h, f.views_24h),
    click_through_7d: ratio(f.clicks_7d, f.views_7d),
    visits_per_visitor_7d: ratio(f.visits_7d, f.visitors_7d),
  }),
});

/** What a day's counts are against the same weekday, where weekends have more sessions. */
const seasonal = ['views', 'clicks', 'visits', 'interactions', 'visitors'] as const;

/** The job of the proofs with 50 features, on the topics of `places`, without a model. */
export const fifty = pipeline({
  name: 'fifty',
  views: [user, place],
  monitors: [
    monitor({
      name: 'fifty',
      period: '24h',
      features: Object.fromEntries(seasonal.map((name) => [`place.${name}_24h`, 'seasonal'])),
      expectations: [
        { test: 'schema', group: 'user', columns: ['rating', 'lat', 'device', 'search_query'] },
        { test: 'duplicates', group: 'user' },
        { test: 'completeness', feature: 'user.lat', nulls: 0.1 },
        { test: 'volume', group: 'user' },
      ],
      policy: { schedule: 'off' },
    }),
  ],
});

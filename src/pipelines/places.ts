import {
  add,
  coalesce,
  cos,
  dayNumber,
  dayOfWeek,
  hourOfDay,
  multiply,
  radians,
  ratio,
  sqrt,
} from '../features/expression.js';
import { key, number, oneOf, optional, text, texts } from '../features/fields.js';
import { required, source, table, together } from '../features/source.js';
import { view } from '../features/view.js';

const earthRadiusKm = 6371.0088;
const windows = ['1h', '24h', '7d', '30d'] as const;
const maxContextAgeMs = 3 * 3_600_000;

export const interactions = source('interactions', {
  key: 'user_id',
  time: 'timestamp',
  fields: {
    user_id: key(),
    place_id: key(),
    event_type: oneOf('view', 'click', 'visit', 'rate'),
    rating: optional(number(1, 5)),
    lat: optional(number(-90, 90), { from: 'context.location.lat' }),
    lng: optional(number(-180, 180), { from: 'context.location.lng' }),
    device: optional(text(), { from: 'context.device' }),
    session_id: optional(text(), { from: 'context.session_id' }),
    search_query: optional(text(), { from: 'context.search_query' }),
  },
  rules: [required('rating', { event_type: 'rate' }), together('lat', 'lng')],
});

export const placeUpdates = table('place-updates', {
  key: 'place_id',
  time: 'timestamp',
  fields: {
    place_id: key(),
    category: optional(text(), { from: 'updates.category' }),
    price_level: optional(number(), { from: 'updates.price_level' }),
    listed_rating: optional(number(1, 5), { from: 'updates.rating' }),
    review_count: optional(number(0), { from: 'updates.review_count' }),
    place_lat: optional(number(-90, 90), { from: 'updates.location.lat' }),
    place_lng: optional(number(-180, 180), { from: 'updates.location.lng' }),
  },
  rules: [together('place_lat', 'place_lng')],
  objects: ['updates'],
});

export const context = table('context', {
  time: 'timestamp',
  fields: {
    temperature: optional(number(), { from: 'weather.temp' }),
    weather: optional(text(), { from: 'weather.condition' }),
    active_events: optional(texts(), { from: 'events' }),
    congestion: optional(number(), { from: 'traffic.congestion_level' }),
  },
});

export const user = view({
  name: 'user',
  key: 'user_id',
  source: interactions
    .asOf(placeUpdates, 'place_id')
    .asOf(context, null, { maxAgeMs: maxContextAgeMs }),
  features: (on) => {
    const lat = coalesce(on.column('lat'), on.column('place_lat'));
    const lng = coalesce(on.column('lng'), on.column('place_lng'));
    return {
      views: on.count({ where: { event_type: 'view' }, over: windows }),
      clicks: on.count({ where: { event_type: 'click' }, over: windows }),
      visits: on.count({ where: { event_type: 'visit' }, over: windows }),
      ratings: on.count({ where: { event_type: 'rate' }, over: windows }),
      interactions: on.count({ over: windows }),
      avg_rating_given: on.mean('rating', { over: 'lifetime' }),
      avg_rating_given_30d: on.mean('rating', { over: '30d' }),
      total_interactions: on.count({ over: 'lifetime' }),
      last_activity: on.lastTime(),
      active_days: on.distinct(dayNumber(on.time), { over: 'lifetime' }),
      visited_categories: on.topCounts('category', { size: 10, over: 'lifetime' }),
      home_lat: on.mean(lat, { over: 'lifetime' }),
      home_lng: on.mean(lng, { over: 'lifetime' }),
      exploration_radius: on.standardDeviation(lat, { over: 'lifetime' }),
      hours_since_last: on.hoursSinceLast(),
      distinct_places_7d: on.distinct('place_id', { over: '7d' }),
    };
  },
  internal: (on) => ({
    lat_variance: on.populationVariance(coalesce(on.column('lat'), on.column('place_lat')), {
      over: 'lifetime',
    }),
    lng_variance: on.populationVariance(coalesce(on.column('lng'), on.column('place_lng')), {
      over: 'lifetime',
    }),
    mean_price_30d: on.mean('price_level', { over: '30d' }),
  }),
  derive: (f) => {
    const squeeze = cos(radians(f.home_lat));
    const spread = add(
      radians(radians(f.lat_variance)),
      multiply(multiply(squeeze, squeeze), radians(radians(f.lng_variance))),
    );
    return {
      click_through_1h: ratio(f.clicks_1h, f.views_1h),
      click_through_24h: ratio(f.clicks_24h, f.views_24h),
      click_through_7d: ratio(f.clicks_7d, f.views_7d),
      click_through_30d: ratio(f.clicks_30d, f.views_30d),
      exploration_radius_km: multiply(earthRadiusKm, sqrt(spread)),
    };
  },
});

export const place = view({
  name: 'place',
  key: 'place_id',
  source: interactions.asOf(placeUpdates, 'place_id'),
  features: (on) => ({
    weekly_visits: on.count({ over: '7d' }),
    unique_visitors: on.distinct('user_id', { over: '7d' }),
    avg_rating: on.mean('rating', { over: '7d' }),
    busy_hours: on.histogram(hourOfDay(on.time), { size: 24, over: '7d' }),
    busy_days: on.histogram(dayOfWeek(on.time), { size: 7, from: 1, over: '7d' }),
    clicks: on.count({ where: { event_type: 'click' }, over: ['24h', '7d'] }),
    views: on.count({ where: { event_type: 'view' }, over: ['24h', '7d'] }),
    category: on.own('category'),
    price_level: on.own('price_level'),
    listed_rating: on.own('listed_rating'),
    review_count: on.own('review_count'),
  }),
  derive: (f) => ({
    click_through_24h: ratio(f.clicks_24h, f.views_24h),
    click_through_7d: ratio(f.clicks_7d, f.views_7d),
  }),
});

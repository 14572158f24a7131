import { monitor } from '../monitors/definition.js';

/**
 * Watches what the ranker is given and what it answers. Off by default are lifetime values, parts
 * of the calendar, and inputs that are nothing but a place's or user's feature (watched in the
 * view). Off here is what all events of an hour share: the context's columns drift with every
 * change of the weather, and a test of events that share one value has no null law; and a review
 * count, which grows by nature. The distance looks at the user's lifetime home only where an event
 * has no location.
 */
export const placesDrift = monitor({
  name: 'places-drift',
  model: 'places-ranker',
  period: '24h',
  features: {
    distance_km: 'stationary',
    temperature: 'off',
    weather: 'off',
    weather_sunny: 'off',
    weather_cloudy: 'off',
    weather_windy: 'off',
    weather_rain: 'off',
    congestion: 'off',
    active_event_count: 'off',
    'place.review_count': 'off',
  },
  segments: ['device'],
  business: [
    {
      test: 'click-through',
      view: 'user',
      of: { event_type: 'click' },
      per: { event_type: 'view' },
    },
    { test: 'conversion', view: 'user', of: { event_type: 'visit' }, per: { event_type: 'click' } },
    { test: 'satisfaction', view: 'user', mean: 'rating', least: 4 },
  ],
  expectations: [
    { test: 'row-count', group: 'scores', min: 1 },
    { test: 'not-null', feature: 'place.category', mostly: 0.99 },
    { test: 'completeness', feature: 'lat', nulls: 0.1 },
    { test: 'between', feature: 'place.avg_rating', min: 1, max: 5 },
    { test: 'between', feature: 'user.avg_rating_given', min: 1, max: 5 },
    { test: 'mean-between', feature: 'user.avg_rating_given', min: 3, max: 4.5 },
    { test: 'std-between', feature: 'place.weekly_visits', min: 0, max: 1_000 },
    // Half of those who come were there in the 24 h before the day: 48 h before its end.
    { test: 'recent', feature: 'user.last_activity', withinMs: 48 * 3_600_000, mostly: 0.5 },
    {
      test: 'date-range',
      feature: 'user.last_activity',
      fromMs: Date.UTC(2020),
      toMs: Date.UTC(2100),
    },
    { test: 'volume', group: 'scores' },
    { test: 'duplicates', group: 'user', most: 0.01 },
  ],
});

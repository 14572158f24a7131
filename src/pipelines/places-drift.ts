import { monitor } from '../monitors/definition.js';

/**
 * Watches what the ranker is given and what it answers. Off are lifetime values and parts of the
 * calendar (by default), and what all events of an hour share: the context's columns drift with
 * every change of the weather, and a test of events that share one value has no null law. A review
 * count grows by nature.
 */
export const placesDrift = monitor({
  name: 'places-drift',
  model: 'places-ranker',
  period: '24h',
  features: {
    temperature: 'off',
    weather_sunny: 'off',
    weather_cloudy: 'off',
    weather_windy: 'off',
    weather_rain: 'off',
    congestion: 'off',
    active_event_count: 'off',
    'place.review_count': 'off',
    place_review_count: 'off',
  },
});

import {
  and,
  atLeast,
  coalesce,
  countOf,
  dayOfMonth,
  dayOfWeek,
  elementOf,
  equal,
  haversineKm,
  hourOfDay,
  indicator,
  isBusinessHours,
  isWeekend,
  lengthOf,
  month,
  or,
  ratio,
  season,
  subtract,
} from '../features/expression.js';
import { model } from '../models/definition.js';
import { context, interactions, place, placeUpdates, user } from './places.js';

/**
 * Ranks places for a user: the probability that a view or click is followed by a visit, or a rating
 * of at least 3, of the same place within 24 h.
 */
export const ranker = model({
  name: 'places-ranker',
  events: interactions
    .asOf(placeUpdates, 'place_id')
    .asOf(context, null, { maxAgeMs: 3 * 3_600_000 }),
  where: { event_type: ['view', 'click'] },
  label: {
    where: (event) =>
      or(
        equal(event.column('event_type'), 'visit'),
        and(equal(event.column('event_type'), 'rate'), atLeast(event.column('rating'), 3)),
      ),
    within: '24h',
  },
  first: user,
  second: place,
  inputs: (event, user, place) => ({
    // Wide part: the pair.
    distance_km: haversineKm(
      coalesce(event.column('lat'), user.home_lat),
      coalesce(event.column('lng'), user.home_lng),
      event.column('place_lat'),
      event.column('place_lng'),
    ),
    price_difference: subtract(place.price_level, user.mean_price_30d),
    rating_difference: subtract(place.listed_rating, user.avg_rating_given),
    // Deep part: the user.
    user_views_24h: user.views_24h,
    user_clicks_24h: user.clicks_24h,
    user_visits_7d: user.visits_7d,
    user_interactions_7d: user.interactions_7d,
    user_interactions_30d: user.interactions_30d,
    user_click_through_7d: user.click_through_7d,
    user_click_through_30d: user.click_through_30d,
    user_avg_rating_given: user.avg_rating_given,
    user_mean_price_30d: user.mean_price_30d,
    user_distinct_places_7d: user.distinct_places_7d,
    user_exploration_radius_km: user.exploration_radius_km,
    user_hours_since_last: user.hours_since_last,
    user_category_share: ratio(
      countOf(user.visited_categories, place.category),
      user.total_interactions,
    ),
    // The place.
    place_weekly_visits: place.weekly_visits,
    place_unique_visitors: place.unique_visitors,
    place_avg_rating: place.avg_rating,
    place_clicks_24h: place.clicks_24h,
    place_views_24h: place.views_24h,
    place_click_through_24h: place.click_through_24h,
    place_click_through_7d: place.click_through_7d,
    place_price_level: place.price_level,
    place_listed_rating: place.listed_rating,
    place_review_count: place.review_count,
    place_hour_share: ratio(
      elementOf(place.busy_hours, hourOfDay(event.time)),
      place.weekly_visits,
    ),
    // The context.
    temperature: event.column('temperature'),
    weather_sunny: indicator(equal(event.column('weather'), 'sunny')),
    weather_cloudy: indicator(equal(event.column('weather'), 'cloudy')),
    weather_windy: indicator(equal(event.column('weather'), 'windy')),
    weather_rain: indicator(equal(event.column('weather'), 'rain')),
    congestion: event.column('congestion'),
    active_event_count: lengthOf(event.column('active_events')),
    // The event.
    hour_of_day: hourOfDay(event.time),
    day_of_week: dayOfWeek(event.time),
    is_weekend: indicator(isWeekend(event.time)),
    is_business_hours: indicator(isBusinessHours(event.time)),
    device_mobile: indicator(equal(event.column('device'), 'mobile')),
    device_desktop: indicator(equal(event.column('device'), 'desktop')),
    device_tablet: indicator(equal(event.column('device'), 'tablet')),
    is_click: indicator(equal(event.column('event_type'), 'click')),
  }),
  // The category and the location as each event had them: what drifts there moves no input.
  recorded: (event, _, place) => ({
    day_of_month: dayOfMonth(event.time),
    month: month(event.time),
    season: season(event.time),
    weather: event.column('weather'),
    device: event.column('device'),
    category: place.category,
    lat: event.column('lat'),
  }),
  manifest: new URL('../../../models/places-ranker.json', import.meta.url),
});

/** When people go to places of a category. */
export type Peak = 'morning' | 'midday' | 'evening' | 'night' | 'day';

export interface Category {
  readonly name: string;
  /** Share of the places, relative. */
  readonly share: number;
  /** Mean price level, 1 to 4. */
  readonly price: number;
  readonly peak: Peak;
  /** Probability that a place of it is outdoors. */
  readonly outdoor: number;
  /** Something for days off. */
  readonly leisure: boolean;
  readonly query: string;
}

type Row = readonly [string, number, number, Peak, number, boolean, string];

const rows: readonly Row[] = [
  ['italian', 9, 2.4, 'evening', 0.2, false, 'italian restaurant'],
  ['sushi', 6, 2.8, 'evening', 0.05, false, 'sushi'],
  ['mexican', 5, 1.8, 'evening', 0.2, false, 'tacos'],
  ['indian', 5, 2.0, 'evening', 0.05, false, 'indian restaurant'],
  ['chinese', 5, 1.9, 'evening', 0.05, false, 'chinese food'],
  ['thai', 4, 2.1, 'evening', 0.1, false, 'thai food'],
  ['burger', 6, 1.6, 'midday', 0.2, false, 'burger'],
  ['pizza', 7, 1.7, 'midday', 0.2, false, 'pizza'],
  ['vegan', 3, 2.2, 'midday', 0.2, false, 'vegan lunch'],
  ['seafood', 4, 3.2, 'evening', 0.3, false, 'seafood'],
  ['steakhouse', 3, 3.5, 'evening', 0.05, false, 'steakhouse'],
  ['bakery', 5, 1.3, 'morning', 0.1, false, 'bakery'],
  ['cafe', 9, 1.6, 'morning', 0.3, false, 'coffee'],
  ['ice_cream', 3, 1.3, 'day', 0.6, true, 'ice cream'],
  ['bar', 6, 2.4, 'night', 0.3, true, 'bar'],
  ['pub', 4, 2.0, 'night', 0.3, true, 'pub'],
  ['nightclub', 2, 3.0, 'night', 0.05, true, 'club'],
  ['museum', 2, 2.0, 'day', 0.05, true, 'museum'],
  ['gallery', 2, 1.8, 'day', 0.05, true, 'art gallery'],
  ['cinema', 2, 2.2, 'evening', 0, true, 'cinema'],
  ['theatre', 2, 3.1, 'evening', 0, true, 'theatre tickets'],
  ['park', 3, 1.1, 'day', 0.95, true, 'park'],
  ['gym', 3, 2.3, 'morning', 0.1, false, 'gym'],
  ['spa', 2, 3.3, 'day', 0.05, true, 'spa'],
  ['bookshop', 3, 1.9, 'day', 0, true, 'bookshop'],
];

function category(row: Row): Category {
  const [name, share, price, peak, outdoor, leisure, query] = row;
  return { name, share, price, peak, outdoor, leisure, query };
}

/** What there is from the start. */
export const categories: readonly Category[] = rows.map(category);

/** What the drift `categories` brings. */
export const newCategory: Category = category([
  'bubble_tea',
  0,
  1.6,
  'day',
  0.2,
  true,
  'bubble tea',
]);

const peakHours: Record<Peak, number> = {
  morning: 8.5,
  midday: 13,
  evening: 19.5,
  night: 22,
  day: 15,
};

/** How well an hour of day (0 to 23) suits a category, from −0.5 to 0.5. */
export function hourFit(peak: Peak, hour: number): number {
  const apart = Math.abs(hour + 0.5 - peakHours[peak]);
  const hours = Math.min(apart, 24 - apart);
  return Math.exp(-(hours * hours) / 18) - 0.5;
}

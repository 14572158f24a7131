import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricKind } from './metric-kind.js';
import { type MetricTable, metricTable } from './metric-table.js';

type NameOf<Type extends MetricKind['type']> = {
  [N in keyof MetricTable]: MetricTable[N]['type'] extends Type ? N : never;
}[keyof MetricTable];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;

/** The labels of a metric, all of them. */
export type LabelsOf<N extends keyof MetricTable> = {
  readonly [L in MetricTable[N]['labels'][number]]: string;
};

/** Labels and value; of a counter, the total so far. */
export type SeriesOf<N extends keyof MetricTable> = readonly [labels: LabelsOf<N>, value: number];

/** The process's metrics; hot loops keep plain numbers and hand them over in `onScrape`. */
export interface Metrics {
  add<N extends CounterName>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** Brings a counter up to a total kept elsewhere; a smaller total changes nothing. */
  raiseTo<N extends CounterName>(name: N, labels: LabelsOf<N>, total: number): void;
  set<N extends GaugeName>(name: N, labels: LabelsOf<N>, value: number): void;
  observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void;
  /** All series of a metric, for what comes and goes: those that are not given end. */
  replace<N extends CounterName | GaugeName>(name: N, series: readonly SeriesOf<N>[]): void;
  /** Runs before each exposition; returns what takes it out again. */
  onScrape(collect: () => void): () => void;
  /** Prometheus text, version 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

type Instrument = Counter | Gauge | Histogram;

function createInstrument(name: string, kind: MetricKind, registry: Registry): Instrument {
  const options = { name, help: kind.help, labelNames: [...kind.labels], registers: [registry] };
  switch (kind.type) {
    case 'counter':
      return new Counter(options);
    case 'gauge':
      return new Gauge(options);
    case 'histogram':
      return new Histogram({ ...options, ...(kind.buckets && { buckets: [...kind.buckets] }) });
  }
}

/** Registers every metric of the table in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const instruments = new Map<string, Instrument>();
  for (const [name, kind] of Object.entries(metricTable)) {
    instruments.set(name, createInstrument(name, kind, registry));
  }
  // The name's type says which kind the table holds under it.
  const counter = (name: CounterName) => instruments.get(name) as Counter;
  const gauge = (name: GaugeName) => instruments.get(name) as Gauge;
  const histogram = (name: HistogramName) => instruments.get(name) as Histogram;
  const totals = new Map<string, number>();
  const collectors = new Set<() => void>();
  return {
    add: (name, labels, by = 1) => counter(name).inc(labels, by),
    raiseTo(name, labels, total) {
      const id = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
      const before = totals.get(id) ?? 0;
      if (total < before) return;
      totals.set(id, total);
      counter(name).inc(labels, total - before);
    },
    set: (name, labels, value) => gauge(name).set(labels, value),
    observe: (name, labels, value) => histogram(name).observe(labels, value),
    replace(name, series) {
      const instrument = instruments.get(name) as Counter | Gauge; // as above
      instrument.reset();
      for (const [labels, value] of series) instrument.inc(labels, value);
    },
    onScrape(collect) {
      collectors.add(collect);
      return () => collectors.delete(collect);
    },
    text() {
      for (const collect of collectors) collect();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

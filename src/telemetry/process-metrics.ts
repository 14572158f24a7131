import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.js';

const nanosecondsPerSecond = 1e9;

/** Exports processor time, memory and event-loop delay until the returned function is called. */
export function watchProcess(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  metrics.set('weir_process_start_timestamp_seconds', {}, Date.now() / 1e3 - process.uptime());
  const stop = metrics.onScrape(() => {
    const { user, system } = process.cpuUsage();
    metrics.raiseTo('weir_process_cpu_seconds_total', { mode: 'user' }, user / 1e6);
    metrics.raiseTo('weir_process_cpu_seconds_total', { mode: 'system' }, system / 1e6);
    const { rss, heapUsed } = process.memoryUsage();
    metrics.set('weir_process_resident_memory_bytes', {}, rss);
    metrics.set('weir_process_heap_bytes', {}, heapUsed);
    for (const percentile of [50, 99]) {
      const seconds = delay.percentile(percentile) / nanosecondsPerSecond;
      metrics.set('weir_event_loop_delay_seconds', { percentile: String(percentile) }, seconds);
    }
    delay.reset();
  });
  return () => {
    stop();
    delay.disable();
  };
}

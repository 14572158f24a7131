import type { MonitorSettings } from '../../src/reports/monitor-settings.js';

/** Settings as `weir monitor` has them by default. */
export function monitorSettings(
  given: Partial<MonitorSettings> & Pick<MonitorSettings, 'reference' | 'input'>,
): MonitorSettings {
  return {
    columns: null,
    tests: null,
    time: null,
    window: null,
    slide: null,
    alpha: 0.05,
    looks: null,
    memoryBytes: 1 << 30,
    progress: null,
    ...given,
  };
}

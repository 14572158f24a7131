import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostSettings } from './host-settings.js';

/** Writes the engine's configuration beside its data and returns the arguments that name it. */
export function engineArgs(settings: HostSettings): readonly string[] {
  const { directory, threads, memoryBytesMax, elements } = settings;
  const file = join(directory, 'config.xml');
  // Merges are few and short: the event engine shares the machine's cores.
  const server = {
    max_server_memory_usage: memoryBytesMax,
    mark_cache_size: Math.floor(memoryBytesMax / 16),
    max_thread_pool_size: 64,
    background_pool_size: 1,
    background_merges_mutations_concurrency_ratio: 2,
    background_common_pool_size: 1,
    background_schedule_pool_size: 1,
  };
  const lines = Object.entries(server).map(([name, value]) => `  <${name}>${value}</${name}>`);
  writeFileSync(file, `<clickhouse>\n${lines.join('\n')}\n${elements}</clickhouse>\n`);
  return [
    `--config-file=${file}`,
    `--max_threads=${threads}`,
    '--max_insert_threads=1',
    '--input_format_parallel_parsing=0',
  ];
}

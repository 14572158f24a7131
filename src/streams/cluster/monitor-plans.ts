import { type Monitored, planMonitor } from '../../operators/monitor-plan.js';
import type { LoadedModels } from '../load-models.js';
import type { Pipeline } from '../pipeline.js';

/** The pipeline's monitors with the references that their models were released with. */
export function monitorsOf(
  pipeline: Pipeline,
  loaded: LoadedModels,
  partitions: number,
  database = 'weir',
): readonly Monitored[] {
  const { views, models } = pipeline;
  return pipeline.monitors.map((definition): Monitored => {
    const model = models.find((one) => one.name === definition.model) ?? null;
    return {
      plan: planMonitor(definition, { views, model, partitions, database }),
      reference: loaded.references.get(definition.name) ?? null,
      modelVersion: loaded.models.get(definition.model)?.manifest.version ?? 'none',
      importance: loaded.models.get(definition.model)?.manifest.importance ?? null,
    };
  });
}

/** Drift of a model's error rate; plain data. */
export interface Ddm {
  readonly options: DdmOptions;
  count: number;
  errorRate: number;
  /** Rate and its standard deviation where their sum was least; null before it is looked at. */
  leastRate: number | null;
  leastDeviation: number;
}

export interface DdmOptions {
  /** Predictions before anything is said, 30. */
  readonly warmStart: number;
  /** Standard deviations above the least, 2 and 3. */
  readonly warning: number;
  readonly drift: number;
}

const defaults: DdmOptions = { warmStart: 30, warning: 2, drift: 3 };

export function createDdm(options: Partial<DdmOptions> = {}): Ddm {
  return {
    options: { ...defaults, ...options },
    count: 0,
    errorRate: 0,
    leastRate: null,
    leastDeviation: 0,
  };
}

/**
 * Takes whether a prediction was wrong. After `drift` it begins anew. Gama, Medas, Castillo and
 * Rodrigues, "Learning with drift detection" (2004).
 */
export function stepDdm(ddm: Ddm, isWrong: boolean): 'stable' | 'warning' | 'drift' {
  const { options } = ddm;
  ddm.count++;
  ddm.errorRate += (1 / ddm.count) * (Number(isWrong) - ddm.errorRate);
  const deviation = Math.sqrt((ddm.errorRate * (1 - ddm.errorRate)) / ddm.count);
  if (ddm.count <= options.warmStart) return 'stable';
  const level = ddm.errorRate + deviation;
  if (ddm.leastRate === null || level <= ddm.leastRate + ddm.leastDeviation) {
    ddm.leastRate = ddm.errorRate;
    ddm.leastDeviation = deviation;
  }
  if (level > ddm.leastRate + options.drift * ddm.leastDeviation) {
    Object.assign(ddm, createDdm(options));
    return 'drift';
  }
  return level > ddm.leastRate + options.warning * ddm.leastDeviation ? 'warning' : 'stable';
}

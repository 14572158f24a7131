import type { Check } from '../../monitors/check.js';
import { toAlertRecord } from '../../monitors/drift-alert-record.js';
import type { Emission } from '../../monitors/emission.js';
import { toRetrainingRecord } from '../../monitors/retraining-record.js';
import type { AlertRow } from '../../sinks/clickhouse/alert-row.js';
import type { CheckRow } from '../../sinks/clickhouse/check-row.js';

/** A check as a row of `checks`. */
export function checkRow(check: Check): CheckRow {
  const { modelVersion, referenceId, referenceHash, ...rest } = check;
  return {
    ...rest,
    version: modelVersion,
    referenceId: referenceId ?? '',
    referenceHash: referenceHash ?? '',
  };
}

/** What happened to an episode as a row of `alerts`. */
export function alertRow(emission: Emission): AlertRow {
  const { monitor, model, modelVersion, episode, timeMs } = emission;
  const common = { monitor, model, version: modelVersion, episode, timeMs };
  if (emission.kind === 'alert') {
    const record = toAlertRecord(emission);
    const { openedMs, features, phase } = emission;
    const { alert_id: id, summary: reason, evidence } = record;
    return { ...common, id, event: phase, openedAtMs: openedMs, features, reason, evidence };
  }
  const record = toRetrainingRecord(emission);
  const features = emission.triggers.flatMap((t) => (t.kind === 'psi' ? [t.feature] : []));
  const id = `${emission.episodeId}/retraining`;
  const reason = `retraining is due: ${features.join(', ')}`;
  return {
    ...common,
    id,
    event: 'retraining',
    openedAtMs: timeMs,
    features,
    reason,
    evidence: record,
  };
}

import type { Check } from '../../monitors/check.js';
import { toAlertRecord } from '../../monitors/drift-alert-record.js';
import { type Emission, emissionId } from '../../monitors/emission.js';
import type { PolicyState, Retraining } from '../../monitors/policy-state.js';
import { toRetrainingRecord } from '../../monitors/retraining-record.js';
import { namedBy } from '../../monitors/trigger.js';
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
  const features = emission.triggers.flatMap((trigger) => namedBy(trigger) ?? []);
  const id = emissionId(emission);
  const reason = `retraining is due: ${record.reason}`;
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

/** What trainers and a new model changed between two states of a policy, as rows of `alerts`. */
export function retrainingRows(monitor: string, before: PolicyState, after: PolicyState) {
  return after.retrainings
    .filter((one) => one.status !== 'due')
    .filter((one) => {
      const former = before.retrainings.find(({ id }) => id === one.id);
      return former === undefined || former.changedMs !== one.changedMs || isOther(former, one);
    })
    .map((one) => retrainingRow(monitor, after.model, one));
}

function isOther(a: Retraining, b: Retraining): boolean {
  return a.status !== b.status || a.progress !== b.progress || a.version !== b.version;
}

function retrainingRow(monitor: string, model: string, one: Retraining): AlertRow {
  const { id, modelVersion, status, version, progress, who, note, changedMs, dueMs } = one;
  return {
    id: `${id}/${status}`,
    monitor,
    model,
    version: modelVersion,
    episode: Number(id.slice(id.lastIndexOf('/') + 1)),
    event: status === 'due' ? 'retraining' : status,
    timeMs: changedMs,
    openedAtMs: dueMs,
    features: [],
    reason: `retraining is ${status}${version === null ? '' : `: version ${version}`}`,
    evidence: { who, note, progress, version },
  };
}

import { assert, WeirError } from '../errors.js';
import { type Config, deepFreeze } from './config.js';
import { readConfigFile } from './config-file.js';
import { environmentLayer } from './environment.js';
import { apply, type Draft, type Entry, valueAt } from './layer.js';
import { problemsOf, type Sources } from './problem.js';
import type { Environment } from './process-environment.js';
import { configSchema } from './schema.js';
import { readSecretFiles } from './secret-files.js';
import { settingAt } from './settings.js';
import { textValue } from './text-value.js';

/** A value that an option of a command gives, over file and variables; undefined gives none. */
export interface Override {
  /** As the user wrote it: `--port`. */
  readonly flag: string;
  /** `server.port` */
  readonly path: string;
  readonly value: string | number | boolean | undefined;
}

export interface ConfigSources {
  /** Given with `--config`; otherwise `weir.config.yaml` in `directory` is read if it is there. */
  readonly file?: string | undefined;
  readonly env: Environment;
  readonly overrides?: readonly Override[];
  /** The working directory by default. */
  readonly directory?: string;
}

/**
 * The settings: defaults, under the file, under `WEIR_*` variables, under options.
 * @throws WeirError config-invalid: every fault with its place and remedy, secrets left out
 */
export function loadConfig(from: ConfigSources): Config {
  const file = readConfigFile(from.file, from.directory ?? '.');
  const draft: Draft = file?.values ?? {};
  const places = new Map<string, string>();
  const sources: Sources = {
    draft,
    placeOf: (path, part) => {
      const name = path.slice(0, 2).join('.');
      const outside = places.get(name) ?? places.get(String(path[0]));
      if (outside !== undefined) return outside;
      const given = part === 'name' || path.length < 2 || valueAt(draft, name) !== undefined;
      return given ? file?.placeOf(path, part) : undefined;
    },
    isLong: (path) => !places.has(path.slice(0, 2).join('.')) && file?.isLong(path) === true,
  };
  const environment = environmentLayer(from.env);
  apply(draft, places, environment.entries);
  apply(draft, places, overrideLayer(from.overrides ?? []));
  const secretProblems = readSecretFiles(draft, sources, (path, value, place) => {
    const setting = settingAt(path);
    assert(setting !== undefined, `${path} is no setting`);
    apply(draft, places, [{ setting, value, place }]);
  });
  const parsed = configSchema.safeParse(draft);
  const schemaProblems = (parsed.error?.issues ?? []).flatMap((issue) =>
    problemsOf(issue, sources),
  );
  const problems = [...new Set([...schemaProblems, ...environment.problems, ...secretProblems])];
  if (!parsed.success || problems.length > 0) throw refusal(problems, from.file);
  return deepFreeze(parsed.data);
}

function overrideLayer(overrides: readonly Override[]): Entry[] {
  return overrides.flatMap(({ flag, path, value }) => {
    const setting = settingAt(path);
    assert(setting !== undefined, `${flag} sets ${path}, which is no setting`);
    if (value === undefined) return [];
    const read = typeof value === 'string' ? textValue(setting, value) : value;
    return [{ setting, value: read, place: flag }];
  });
}

function refusal(problems: readonly string[], path: string | undefined): WeirError {
  const message =
    problems.length === 1
      ? String(problems[0])
      : `${problems.length} faults in the configuration:\n${problems.map((one) => `  ${one}`).join('\n')}`;
  return new WeirError('config-invalid', message, path === undefined ? {} : { place: { path } });
}

import { assert, WeirError } from '../errors.js';
import { type Config, deepFreeze } from './config.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { environmentLayer } from './environment.js';
import { apply, type Draft, type Entry, valueAt } from './layer.js';
import { problemsOf, type Sources } from './problem.js';
import type { Environment } from './process-environment.js';
import { configSchema } from './schema.js';
import { readSecretFiles } from './secret-files.js';
import { settingAround, settingAt } from './settings.js';
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
  const sources = sourcesOf(draft, places, file);
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

function sourcesOf(
  draft: Draft,
  places: ReadonlyMap<string, string>,
  file: ConfigFile | null,
): Sources {
  /** What gave the value at a path, or around it, from outside the file. */
  const outside = (path: readonly PropertyKey[]): string | undefined => {
    const around = path.map((_, index) => path.slice(0, path.length - index).join('.'));
    return places.get(around.find((one) => places.has(one)) ?? '');
  };
  return {
    draft,
    placeOf: (path, part) => {
      const place = outside(path);
      if (place !== undefined) return place;
      const setting = settingAround(path.map(String));
      const given = valueAt(draft, setting?.path ?? path.join('.')) !== undefined;
      if (part === 'name' || path.length === 0 || given) return file?.placeOf(path, part);
      if (setting?.byDefault !== undefined || path.length === 1) return undefined;
      // What a section lacks is told where the section is.
      const section = path.slice(0, -1).join('.');
      const within = [...places.keys()].find((one) => one.startsWith(`${section}.`));
      if (within !== undefined) return places.get(within);
      return valueAt(draft, section) === undefined ? undefined : file?.placeOf(path, part);
    },
    isLong: (path) => outside(path) === undefined && file?.isLong(path) === true,
  };
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
